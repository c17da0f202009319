#include "manager_connect.h"

#define CEILING_MS 100u
#define CEILING_MOST_MS 60000u

/* 0 for what is no number of milliseconds. */
static unsigned milliseconds_read(const char *digits) {
	unsigned value = 0;
	for (; *digits >= '0' && *digits <= '9' && value <= CEILING_MOST_MS; digits++) value = 10 * value + (unsigned)(*digits - '0');
	return *digits != 0 || value > CEILING_MOST_MS ? 0 : value;
}

int connect_arguments_read(int argc, char **argv, struct connect_arguments *arguments) {
	*arguments = (struct connect_arguments){.ceiling_ms = CEILING_MS};
	int has_ceiling = 0;
	for (int i = 1; i < argc; i += 2) {
		const char *value = argv[i + 1];
		if (value == NULL) return 0;
		if (strcmp(argv[i], "--connect") == 0 && arguments->broker == NULL) {
			arguments->broker = value;
		} else if (strcmp(argv[i], "--files") == 0 && arguments->files == NULL) {
			arguments->files = value;
		} else if (strcmp(argv[i], "--secret") == 0 && arguments->secret == NULL) {
			arguments->secret = value;
		} else if (strcmp(argv[i], "--poll-ceiling") == 0 && !has_ceiling) {
			arguments->ceiling_ms = milliseconds_read(value);
			has_ceiling = 1;
		} else {
			return 0;
		}
	}
	if (arguments->secret == NULL || arguments->ceiling_ms == 0) return 0;
	return (arguments->broker == NULL) != (arguments->files == NULL) && !(has_ceiling && arguments->files == NULL);
}
