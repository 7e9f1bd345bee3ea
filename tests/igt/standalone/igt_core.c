// SPDX-License-Identifier: MIT
/* How a test runs: command line, subtests, verdicts, exit codes. */
#include <assert.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdarg.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "igt.h"
#include "igt_log.h"

/* What became of the fixtures so far: later subtests share their fate. */
enum { GROUP_RUNS, GROUP_SKIPS, GROUP_FAILS };

#define MAX_CHILDREN 64
#define MAX_HANDLERS 8

jmp_buf igt_subtest_jmpbuf;

static struct {
	const char *name;
	const char *pattern;
	bool list, describe;
	bool pattern_matched;

	char subtest[128];
	bool in_subtest, in_fixture;
	int group;
	struct timespec started;

	char description[1024];

	bool succeeded, skipped, failed;
	int exitcode;

	bool is_child;
	pid_t children[MAX_CHILDREN];
	int num_children;

	igt_exit_handler_t handlers[MAX_HANDLERS];
	int num_handlers;
	bool exiting;
	const char *timeout_op;
} t;

enum { OPT_LIST = 1000, OPT_RUN, OPT_DESCRIBE, OPT_DESCRIPTION, OPT_DEBUG, OPT_VERSION };

static void print_usage(FILE *f)
{
	fprintf(f,
		"Usage: %s [OPTIONS]\n"
		"  --list-subtests          names of the subtests, one per line\n"
		"  --run-subtest <pattern>  run those that match: shell wildcards, comma\n"
		"                           separated, ! in front takes away; the last\n"
		"                           that matches decides\n"
		"  --describe[=<pattern>]   what each subtest shows\n"
		"  --help-description       what the test as a whole is about\n"
		"  --debug                  print debug messages as they come\n"
		"  --version\n"
		"  --help|-h\n", t.name);
}

static void print_version(void)
{
	struct utsname u;

	uname(&u);
	printf("IGT-Version: standalone (%s) (Linux: %s %s)\n", u.machine, u.release, u.machine);
}

/* Comma separated wildcards, as in --run-subtest 'unmap-*,!unmap-during-job'. */
static bool matches(const char *name, const char *patterns)
{
	char *buf = strdup(patterns), *p, *save;
	bool hit = false;

	if (!buf)
		abort();
	for (p = strtok_r(buf, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
		bool negated = *p == '!';

		if (fnmatch(p + negated, name, 0) == 0)
			hit = !negated;
	}
	free(buf);
	return hit;
}

static void run_exit_handlers(int sig)
{
	if (t.is_child || t.exiting)
		return;
	t.exiting = true;
	while (t.num_handlers)
		t.handlers[--t.num_handlers](sig);
}

static void at_exit(void)
{
	run_exit_handlers(0);
}

static void fatal_signal(int sig)
{
	run_exit_handlers(sig);
	signal(sig, SIG_DFL);
	raise(sig);
}

void igt_install_exit_handler(igt_exit_handler_t handler)
{
	static const int fatal[] = { SIGINT, SIGHUP, SIGPIPE, SIGTERM, SIGQUIT,
				     SIGSEGV, SIGBUS, SIGABRT, SIGFPE };
	unsigned int i;

	for (i = 0; i < (unsigned int)t.num_handlers; i++)
		if (t.handlers[i] == handler)
			return;
	assert(t.num_handlers < MAX_HANDLERS);
	if (!t.num_handlers) {
		atexit(at_exit);
		for (i = 0; i < ARRAY_SIZE(fatal); i++)
			signal(fatal[i], fatal_signal);
	}
	t.handlers[t.num_handlers++] = handler;
}

void igt_subtest_init(int argc, char **argv)
{
	static const struct option options[] = {
		{ "list-subtests", no_argument, NULL, OPT_LIST },
		{ "run-subtest", required_argument, NULL, OPT_RUN },
		{ "describe", optional_argument, NULL, OPT_DESCRIBE },
		{ "help-description", no_argument, NULL, OPT_DESCRIPTION },
		{ "debug", optional_argument, NULL, OPT_DEBUG },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const char *slash = strrchr(argv[0], '/');
	int c;

	t.name = slash ? slash + 1 : argv[0];
	/* A reader of the pipe must see what came before a hang or a panic. */
	setvbuf(stdout, NULL, _IOLBF, 0);

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case OPT_LIST:
			t.list = !t.pattern;
			break;
		case OPT_RUN:
			if (!igt_only_list_subtests())
				t.pattern = optarg;
			break;
		case OPT_DESCRIBE:
			if (optarg)
				t.pattern = optarg;
			t.describe = true;
			__attribute__((fallthrough));
		case OPT_DESCRIPTION:
			if (&__igt_test_description)
				printf("%s\n%s", __igt_test_description,
				       c == OPT_DESCRIBE ? "\n" : "");
			if (c == OPT_DESCRIPTION)
				exit(IGT_EXIT_SUCCESS);
			break;
		case OPT_DEBUG:
			__igt_log_show(IGT_LOG_DEBUG);
			break;
		case OPT_VERSION:
			print_version();
			exit(IGT_EXIT_SUCCESS);
		case 'h':
			print_usage(stdout);
			exit(IGT_EXIT_SUCCESS);
		default:
			print_usage(stderr);
			exit(IGT_EXIT_INVALID);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: unknown argument %s\n", t.name, argv[optind]);
		print_usage(stderr);
		exit(IGT_EXIT_INVALID);
	}
	if (!igt_only_list_subtests()) {
		print_version();
		igt_kmsg(KMSG_INFO "%s: executing\n", t.name);
	}
}

bool igt_only_list_subtests(void)
{
	return t.list || t.describe;
}

const char *igt_test_name(void)
{
	return t.name;
}

const char *igt_subtest_name(void)
{
	return t.in_subtest ? t.subtest : NULL;
}

void igt_describe_f(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(t.description, sizeof(t.description), format, args);
	va_end(args);
}

static void print_description(const char *name, const char *file, int line)
{
	const char *slash = strrchr(file, '/');

	printf("SUB %s %s:%d:\n", name, slash ? slash + 1 : file, line);
	printf("  %s\n", t.description[0] ? t.description : "NO DOCUMENTATION!");
	printf("\n");
}

static void subtest_line(const char *name, const char *verdict, double seconds)
{
	printf("Subtest %s: %s (%.3fs)\n", name, verdict, seconds);
	fflush(stdout);
}

bool __igt_run_subtest(const char *name, const char *file, int line)
{
	assert(!t.in_subtest && !t.in_fixture);
	assert(name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] == '\0');

	if (t.pattern && !matches(name, t.pattern)) {
		t.description[0] = '\0';
		return false;
	}
	t.pattern_matched = true;

	if (t.describe)
		print_description(name, file, line);
	else if (t.list)
		printf("%s\n", name);
	t.description[0] = '\0';
	if (igt_only_list_subtests())
		return false;
	if (t.group != GROUP_RUNS) {
		subtest_line(name, t.group == GROUP_SKIPS ? "SKIP" : "FAIL", 0);
		return false;
	}

	igt_kmsg(KMSG_INFO "%s: starting subtest %s\n", t.name, name);
	printf("Starting subtest: %s\n", name);
	fflush(stdout);
	__igt_log_reset();
	igt_gettime(&t.started);
	snprintf(t.subtest, sizeof(t.subtest), "%s", name);
	t.in_subtest = true;
	errno = 0;
	return true;
}

bool __igt_run_subtest_f(const char *file, int line, const char *format, ...)
{
	char name[128];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	return __igt_run_subtest(name, file, line);
}

/* Back to where the block began, which then does not run again. */
__attribute__((noreturn)) static void leave_subtest(const char *verdict)
{
	igt_kill_children(SIGKILL);
	igt_reset_timeout();
	igt_kmsg(KMSG_INFO "%s: finished subtest %s, %s\n", t.name, t.subtest, verdict);
	subtest_line(t.subtest, verdict, igt_nsec_elapsed(&t.started) / 1e9);
	t.in_subtest = false;
	siglongjmp(igt_subtest_jmpbuf, 1);
}

void igt_success(void)
{
	igt_assert_f(t.num_children == 0, "the subtest left %d children behind\n", t.num_children);
	t.succeeded = true;
	leave_subtest("SUCCESS");
}

bool __igt_fixture(void)
{
	assert(!t.in_subtest && !t.in_fixture);
	if (igt_only_list_subtests() || t.group != GROUP_RUNS)
		return false;
	t.in_fixture = true;
	return true;
}

void __igt_fixture_complete(void)
{
	t.in_fixture = false;
}

/* What fails or skips in a group's fixtures concerns that group only. */
int __igt_group_enter(void)
{
	t.description[0] = '\0';
	return t.group;
}

void __igt_group_leave(int state)
{
	t.group = state;
}

void igt_exit(void)
{
	if (t.pattern && !t.pattern_matched) {
		fprintf(stderr, "Unknown subtest: %s\n", t.pattern);
		exit(IGT_EXIT_INVALID);
	}
	if (igt_only_list_subtests())
		exit(IGT_EXIT_SUCCESS);

	igt_kill_children(SIGKILL);
	if (t.failed)
		/* the first failure's code stands */;
	else if (t.succeeded)
		t.exitcode = IGT_EXIT_SUCCESS;
	else
		t.exitcode = IGT_EXIT_SKIP;
	igt_kmsg(KMSG_INFO "%s: exiting, ret=%d\n", t.name, t.exitcode);
	exit(t.exitcode);
}

void igt_fail(int exitcode)
{
	if (t.exiting)
		_exit(exitcode);
	__igt_log_dump(t.in_subtest ? t.subtest : t.name);
	if (t.is_child)
		_exit(exitcode);
	if (!t.failed)
		t.exitcode = exitcode;
	t.failed = true;
	if (t.in_subtest)
		leave_subtest("FAIL");
	if (t.in_fixture) {
		t.in_fixture = false;
		t.group = GROUP_FAILS;
		siglongjmp(igt_subtest_jmpbuf, 1);
	}
	exit(exitcode);
}

void __igt_fail_assert(const char *domain, const char *file, int line,
		       const char *function, const char *assertion,
		       const char *format, ...)
{
	int err = errno;
	va_list args;

	igt_critical("Test assertion failure function %s, file %s:%d:\n", function, file, line);
	igt_critical("Failed assertion: %s\n", assertion);
	if (err)
		igt_critical("Last errno: %i, %s\n", err, strerror(err));
	if (format) {
		va_start(args, format);
		__igt_vlog(domain, IGT_LOG_CRITICAL, format, args);
		va_end(args);
	}
	igt_fail(IGT_EXIT_FAILURE);
}

__attribute__((noreturn)) static void skip(void)
{
	assert(!t.is_child);
	t.skipped = true;
	if (t.in_subtest)
		leave_subtest("SKIP");
	if (t.in_fixture) {
		t.in_fixture = false;
		t.group = GROUP_SKIPS;
		siglongjmp(igt_subtest_jmpbuf, 1);
	}
	exit(IGT_EXIT_SKIP);
}

void igt_skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	skip();
}

void __igt_skip_check(const char *file, int line, const char *function,
		      const char *check, const char *format, ...)
{
	int err = errno;
	va_list args;

	printf("Test requirement not met in function %s, file %s:%d:\n", function, file, line);
	printf("Test requirement: %s\n", check);
	if (format) {
		va_start(args, format);
		vprintf(format, args);
		va_end(args);
	}
	if (err)
		printf("Last errno: %i, %s\n", err, strerror(err));
	skip();
}

bool __igt_fork(void)
{
	pid_t pid;

	assert(!t.is_child && t.num_children < MAX_CHILDREN);
	fflush(NULL);
	pid = fork();
	igt_assert(pid != -1);
	if (pid == 0) {
		t.is_child = true;
		t.num_children = 0;
		return true;
	}
	t.children[t.num_children++] = pid;
	return false;
}

void igt_kill_children(int signal)
{
	int i;

	for (i = 0; i < t.num_children; i++)
		kill(t.children[i], signal);
	for (i = 0; i < t.num_children; i++)
		waitpid(t.children[i], NULL, 0);
	t.num_children = 0;
}

/* Collects all of them even after one failed, so that none outlives the subtest. */
static int collect_children(void)
{
	int i, status, err = 0;

	for (i = 0; i < t.num_children; i++) {
		pid_t pid;

		do
			pid = waitpid(t.children[i], &status, 0);
		while (pid == -1 && errno == EINTR);
		if (pid == -1)
			err = err ?: IGT_EXIT_FAILURE;
		else if (WIFSIGNALED(status)) {
			printf("child %d died with signal %d, %s\n", i, WTERMSIG(status),
			       strsignal(WTERMSIG(status)));
			err = err ?: 128 + WTERMSIG(status);
		} else if (WEXITSTATUS(status)) {
			printf("child %d failed with exit status %d\n", i, WEXITSTATUS(status));
			err = err ?: WEXITSTATUS(status);
		}
	}
	t.num_children = 0;
	return err;
}

void igt_waitchildren(void)
{
	int err = collect_children();

	if (err)
		igt_fail(err);
}

void igt_waitchildren_timeout(int seconds, const char *reason)
{
	igt_set_timeout(seconds, reason);
	igt_waitchildren();
	igt_reset_timeout();
}

static void on_timeout(int sig)
{
	(void)sig;
	igt_critical("Timed out: %s\n", t.timeout_op ?: "");
	igt_fail(IGT_EXIT_FAILURE);
}

void igt_set_timeout(unsigned int seconds, const char *op)
{
	struct sigaction sa = { .sa_handler = seconds ? on_timeout : SIG_DFL };

	t.timeout_op = op;
	sigaction(SIGALRM, &sa, NULL);
	alarm(seconds);
}

void igt_reset_timeout(void)
{
	igt_set_timeout(0, NULL);
}
