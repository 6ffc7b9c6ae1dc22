/*
 * seal.c - what is left open is what parsing needs: memory, time, and the
 * descriptors that are open already.
 *
 * Anything else ends the process; the engine reads the signal. Set when
 * converters, parsers, plugins and mappings are ready, because loading them
 * needs more.
 */
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "host/seal.h"

static int limit(int which, rlim_t most, struct cb_error *err)
{
	struct rlimit limits = { most, most };

	if (setrlimit((__rlimit_resource_t)which, &limits) == 0)
		return CB_OK;
	return cb_fail(err, CB_SETUP, "无法为工作进程设置资源上限",
		       "the worker's limits cannot be set");
}

static rlim_t address_space(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f) {
		if (fscanf(f, "%lu", &pages) != 1)
			pages = 0;
		fclose(f);
	}
	return (rlim_t)pages * 4096;
}

int seal_failed(struct cb_error *err)
{
	return cb_fail(err, CB_SETUP, "无法封闭工作进程（内核需要支持 seccomp；在容器里要允许它）",
		       "the worker cannot be sealed (the kernel needs seccomp; a container must "
		       "allow it)");
}

static int filter(struct cb_error *err)
{
	static const int allowed[] = {
		SCMP_SYS(read),         SCMP_SYS(write),         SCMP_SYS(readv),
		SCMP_SYS(writev),       SCMP_SYS(pread64),       SCMP_SYS(lseek),
		SCMP_SYS(recvmsg),      SCMP_SYS(sendmsg),       SCMP_SYS(recvfrom),
		SCMP_SYS(sendto),       SCMP_SYS(poll),          SCMP_SYS(ppoll),
		SCMP_SYS(close),        SCMP_SYS(fstat),         SCMP_SYS(newfstatat),
		SCMP_SYS(brk),          SCMP_SYS(munmap),        SCMP_SYS(mremap),
		SCMP_SYS(madvise),      SCMP_SYS(futex),         SCMP_SYS(exit),
		SCMP_SYS(exit_group),   SCMP_SYS(getpid),        SCMP_SYS(gettid),
		SCMP_SYS(tgkill),       SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask),
		SCMP_SYS(rt_sigaction), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
		SCMP_SYS(getrandom),    SCMP_SYS(sched_yield),   SCMP_SYS(restart_syscall),
	};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc = ctx ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed) && rc == 0; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	/* Memory, yes; code, no. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (rc == 0)
		rc = seccomp_load(ctx);
	if (ctx)
		seccomp_release(ctx);
	return rc == 0 ? CB_OK : seal_failed(err);
}

int seal_limits(int64_t memory_max, struct cb_error *err)
{
	rlim_t most = address_space() + (rlim_t)(memory_max ? memory_max : (int64_t)1 << 30);
	int rc = limit(RLIMIT_CORE, 0, err);

	if (rc == CB_OK && !SEAL_IS_SANITIZED)
		rc = limit(RLIMIT_AS, most, err);
	if (rc == CB_OK && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		rc = cb_fail(err, CB_SETUP, "无法封闭工作进程", "the worker cannot be sealed");
	return rc;
}

int seal(int64_t memory_max, struct cb_error *err)
{
	int rc = seal_limits(memory_max, err);

	if (rc == CB_OK)
		rc = limit(RLIMIT_FSIZE, 0, err);
	/* The sanitizers' own run time needs more than the filter leaves. */
	if (rc == CB_OK && !SEAL_IS_SANITIZED)
		rc = filter(err);
	return rc;
}
