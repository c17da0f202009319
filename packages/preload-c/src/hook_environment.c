#include "hook_environment.h"

#include <stddef.h>

char **environment_get(void) {
	return &environ == NULL ? NULL : environ;
}

const char *environment_value(const char *name) {
	char **variables = environment_get();
	if (variables == NULL)
		return NULL;
	for (; *variables != NULL; variables++) {
		const char *variable = *variables, *wanted = name;
		while (*wanted != '\0' && *variable == *wanted) {
			variable++;
			wanted++;
		}
		if (*wanted == '\0' && *variable == '=')
			return variable + 1;
	}
	return NULL;
}
