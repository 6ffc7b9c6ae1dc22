/*
 * seal_own.c - the worker of a plugin whose library opens its own connection: a
 * database's client.
 *
 * It keeps what such libraries need: sockets, files, threads, code that is loaded
 * late. Out of its reach are the site's folder (the store, the secrets of other
 * accounts, site.xml) and the sites beside it, other processes, and everything that
 * would give it more than it has. Which files are left stands in seal_folders.c.
 */
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "host/seal.h"

/* No other program, no other process, no door around what is hidden. */
static int filter(struct cb_error *err)
{
	static const int denied[] = {
		SCMP_SYS(execve),
		SCMP_SYS(execveat),
		SCMP_SYS(fork),
		SCMP_SYS(vfork),
		SCMP_SYS(ptrace),
		SCMP_SYS(process_vm_readv),
		SCMP_SYS(process_vm_writev),
		SCMP_SYS(pidfd_getfd),
		SCMP_SYS(kill),
		SCMP_SYS(tkill),
		SCMP_SYS(rt_sigqueueinfo),
		SCMP_SYS(rt_tgsigqueueinfo),
		SCMP_SYS(pidfd_open),
		SCMP_SYS(pidfd_send_signal),
		SCMP_SYS(mount),
		SCMP_SYS(umount2),
		SCMP_SYS(unshare),
		SCMP_SYS(setns),
		SCMP_SYS(chroot),
		SCMP_SYS(pivot_root),
		SCMP_SYS(bpf),
		SCMP_SYS(keyctl),
		SCMP_SYS(add_key),
		SCMP_SYS(request_key),
		SCMP_SYS(perf_event_open),
		SCMP_SYS(userfaultfd),
		SCMP_SYS(io_uring_setup),
		SCMP_SYS(open_by_handle_at),
		SCMP_SYS(listen),
	};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int rc = ctx ? 0 : -1;

	for (size_t i = 0; i < sizeof(denied) / sizeof(*denied) && rc == 0; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), denied[i], 0);
	/* Threads, yes; processes, no. The newer call hides its flags: libraries take the older. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill), 1,
				      SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid()));
	/* Limits: its own, which it may lower. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 1,
				      SCMP_A0(SCMP_CMP_NE, 0));
	/* It ends with the engine, and nothing else becomes its parent: see loan.c. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 1,
				      SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, PR_SET_PDEATHSIG));
	if (rc == 0)
		rc = seccomp_load(ctx);
	if (ctx)
		seccomp_release(ctx);
	return rc == 0 ? CB_OK : seal_failed(err);
}

int seal_but_connection(int64_t memory_max, const struct seal_folders *folders,
			struct cb_error *err)
{
	int rc = seal_limits(memory_max, err);

	if (rc == CB_OK)
		rc = seal_files(folders, err);
	if (rc == CB_OK && !SEAL_IS_SANITIZED)
		rc = filter(err);
	return rc;
}
