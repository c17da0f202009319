#include "hook_path.h"

#include "hook_environment.h"
#include "hook_file.h"
#include "hook_text.h"

/* confstr(_CS_PATH) of glibc. */
#define DEFAULT_PATH "/bin:/usr/bin"

const char *path_list(void) {
	const char *list = environment_value("PATH");
	return list == NULL ? DEFAULT_PATH : list;
}

/* Length of the directory at the head of the list. */
static size_t directory_length(const char *list) {
	size_t length = 0;
	while (list[length] != '\0' && list[length] != ':')
		length++;
	return length;
}

size_t path_room(const char *list, const char *file) {
	const size_t name = text_length(file);
	if (name == 0 || name > NAME_LIMIT)
		return 0;
	size_t directories = text_length(list);
	if (directories > PATH_LIMIT)
		directories = PATH_LIMIT;
	return directories + 1 + name + 1;
}

const char *path_find(const char *list, const char *file, char *candidate, size_t prefix) {
	const size_t name = text_length(file);
	struct stat facts;
	for (;;) {
		const size_t length = directory_length(list);
		if (length < PATH_LIMIT) {
			char *end = text_copy(candidate, list, length);
			/* An empty directory stands for the current one, without "./". */
			if (length > 0)
				*end++ = '/';
			text_copy(end, file, name + 1);
			if (file_is_program(*candidate == '/' ? candidate : candidate - prefix, &facts))
				return candidate;
		}
		if (list[length] == '\0')
			return NULL;
		list += length + 1;
	}
}
