#include "hook_environment.h"

#include <stddef.h>

#include "hook_text.h"

char **environment_get(void) {
	return &environ == NULL ? NULL : environ;
}

const char *environment_value(const char *name) {
	char **variables = environment_get();
	if (variables == NULL)
		return NULL;
	for (; *variables != NULL; variables++) {
		const char *rest = text_after(*variables, name);
		if (rest != NULL && *rest == '=')
			return rest + 1;
	}
	return NULL;
}
