/*
 * account.h - what an account keeps between its requests: its turn and its
 * sessions. For the files of this folder.
 */
#ifndef NET_ACCOUNT_H
#define NET_ACCOUNT_H

#include "net/net.h"

/* Wait for the account's turn, as its rate says; the instant of the request. */
int64_t account_turn(struct net_account *account, const struct net_seams *seams);

#endif
