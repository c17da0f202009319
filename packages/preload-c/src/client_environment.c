/* The caller's environment without TLDT's own variables and hook. */
#include "client.h"

static int starts_with(const char *text, const char *prefix, size_t length) {
	for (size_t i = 0; i < length; i++)
		if (text[i] != prefix[i]) return 0;
	return 1;
}

/* ld.so takes both as separators of LD_PRELOAD. */
static int is_separator(char byte) {
	return byte == ':' || byte == ' ';
}

static int is_hook(const struct client *client, const char *entry, size_t length) {
	size_t directory = strlen(client->session);
	return length == directory + sizeof("/hook.so") - 1 && memcmp(entry, client->session, directory) == 0 &&
	       memcmp(entry + directory, "/hook.so", sizeof("/hook.so") - 1) == 0;
}

static size_t preload_put(const struct client *client, const char *variable, size_t length, unsigned char *to) {
	const size_t name = sizeof("LD_PRELOAD=") - 1;
	size_t written = name;
	int hooks = 0;
	memcpy(to, variable, name);
	for (size_t start = name; start < length;) {
		size_t end = start;
		while (end < length && !is_separator(variable[end])) end++;
		if (is_hook(client, variable + start, end - start)) {
			hooks++;
		} else if (end > start) {
			if (written > name) to[written++] = (unsigned char)variable[start - 1];
			memcpy(to + written, variable + start, end - start);
			written += end - start;
		}
		start = end + 1;
	}
	if (hooks > 0) return written == name ? 0 : written;
	memcpy(to, variable, length);
	return length;
}

/* What the hook and its session add for AddressSanitizer on this host stands at the end. */
static size_t asan_put(const char *variable, size_t length, unsigned char *to) {
	static const char ours[] = "verify_asan_link_order=0";
	const size_t own = sizeof(ours) - 1, name = sizeof("ASAN_OPTIONS=") - 1;
	if (length >= name + own && memcmp(variable + length - own, ours, own) == 0) {
		length -= own;
		if (length == name) return 0;
		length -= variable[length - 1] == ':';
	}
	memcpy(to, variable, length);
	return length;
}

size_t client_variable_put(const struct client *client, const char *variable, unsigned char *to) {
	size_t length = strlen(variable);
	if (starts_with(variable, "TLDT_", 5)) return 0;
	if (starts_with(variable, "ASAN_OPTIONS=", 13)) return asan_put(variable, length, to);
	if (starts_with(variable, "LD_PRELOAD=", 11)) return preload_put(client, variable, length, to);
	memcpy(to, variable, length);
	return length;
}
