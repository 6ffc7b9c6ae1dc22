/*
 * delivery.h - the states of deliveries for people. For the files of this folder.
 */
#ifndef CLI_DELIVERY_H
#define CLI_DELIVERY_H

#include "cli/call.h"



const char *delivery_label(enum delivery_state state);

#endif
