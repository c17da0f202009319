/* system() and popen() reach the kernel inside the C library, where nothing can be put between. They are not made anew, only the
 * environment is repaired that they pass to the shell, which then is hooked like any other program. */
#include <errno.h>
#include <stddef.h>

#include "hook_lend.h"
#include "hook_real.h"
#include "hook_session.h"

#define EXPORTED __attribute__((visibility("default")))

typedef int system_function(const char *);
typedef void *popen_function(const char *, const char *);

EXPORTED int system(const char *command);
EXPORTED void *popen(const char *command, const char *mode);

static struct loan lend(void) {
	const struct session *session = session_get();
	return session->table == NULL ? (struct loan){NULL, NULL} : environment_lend(session->hook);
}

int system(const char *command) {
	system_function *const real = (system_function *)real_function(SYSTEM);
	if (real == NULL) {
		real_set_errno(ENOSYS);
		return -1;
	}
	const struct loan loan = lend();
	const int result = real(command);
	environment_return(&loan);
	return result;
}

void *popen(const char *command, const char *mode) {
	popen_function *const real = (popen_function *)real_function(POPEN);
	if (real == NULL) {
		real_set_errno(ENOSYS);
		return NULL;
	}
	const struct loan loan = lend();
	void *const result = real(command, mode);
	environment_return(&loan);
	return result;
}
