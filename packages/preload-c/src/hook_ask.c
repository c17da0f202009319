/* docs/SESSION-FILES.md, "Questions". */
#include "hook_ask.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

#include "../include/tldt_questions.h"
#include "hook_answers.h"
#include "hook_beside.h"
#include "hook_file.h"
#include "hook_recent.h"
#include "hook_text.h"
#include "sys.h"

#define PATIENCE_SECONDS 30

static int64_t seconds_now(void) {
	struct timespec now = {0, 0};
	sys_call3(SYS_clock_gettime, CLOCK_MONOTONIC, &now, 0);
	return now.tv_sec;
}

/* A program with a running timer interrupts again and again, and each time the kernel waits anew. */
static bool is_interrupted(long result, int64_t deadline) {
	return result == -EINTR && seconds_now() < deadline;
}

/* A broker that serves as many as it can closes a connection before it has read from it. */
static bool is_turned_away(long result) {
	return result == -ECONNRESET || result == -EPIPE;
}

static long connect_to(const char *hook, int64_t deadline) {
	struct sockaddr_un address;
	address.sun_family = AF_UNIX;
	if (!beside_path(hook, "ask", address.sun_path, sizeof address.sun_path))
		return -ENAMETOOLONG;
	const long end = sys_call3(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (end < 0)
		return end;
	const struct timeval patience = {PATIENCE_SECONDS, 0};
	sys_call5(SYS_setsockopt, end, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	sys_call5(SYS_setsockopt, end, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	long result;
	do
		result = sys_call3(SYS_connect, end, &address, offsetof(struct sockaddr_un, sun_path) + text_length(address.sun_path) + 1);
	while (is_interrupted(result, deadline));
	if (result == 0)
		return end;
	sys_call3(SYS_close, end, 0, 0);
	return result;
}

/* 0, or -errno. MSG_WAITALL: bytes that drip in do not lengthen the time that the kernel waits. */
static long exchange(long end, const struct tldt_question *question, struct tldt_answer *answer, int64_t deadline) {
	size_t done = 0;
	long result;
	do {
		result = sys_call6(SYS_sendto, end, (long)((const char *)question + done), (long)(question->size - done), MSG_NOSIGNAL, 0, 0);
		if (result > 0)
			done += (size_t)result;
	} while (done < question->size && (result > 0 || is_interrupted(result, deadline)));
	if (done < question->size)
		return result < 0 ? result : -EPROTO;
	done = 0;
	do {
		result = sys_call6(SYS_recvfrom, end, (long)((char *)answer + done), (long)(sizeof *answer - done), MSG_WAITALL, 0, 0);
		if (result > 0)
			done += (size_t)result;
	} while (done < sizeof *answer && ((result > 0 && seconds_now() < deadline) || is_interrupted(result, deadline)));
	if (done == sizeof *answer)
		return 0;
	return result < 0 ? result : -EPROTO;
}

static long ask_once(const char *hook, const struct tldt_question *question, struct tldt_answer *answer, int64_t deadline) {
	const long end = connect_to(hook, deadline);
	if (end < 0)
		return end;
	const long result = exchange(end, question, answer, deadline);
	sys_call3(SYS_close, end, 0, 0);
	return result;
}

static bool ask_broker(const char *hook, const struct tldt_question *question, struct tldt_answer *answer) {
	const int64_t deadline = seconds_now() + PATIENCE_SECONDS;
	const struct timespec pause = {0, 20000000};
	long result;
	while (is_turned_away(result = ask_once(hook, question, answer, deadline)) && seconds_now() < deadline)
		sys_call3(SYS_nanosleep, &pause, 0, 0);
	return result == 0 && answer->status <= TLDT_ANSWER_UNREADABLE;
}

/* The broker is in another directory and has other descriptors, so it gets the path by which the kernel knows the file. */
static bool write_question(struct tldt_question *question, const char *path, const struct stat *facts, uint64_t key) {
	_Static_assert(sizeof question->path == PATH_LIMIT, "room for every path");
	const size_t length = file_real_path(path, question->path);
	question->size = (uint32_t)(offsetof(struct tldt_question, path) + length);
	question->reserved = 0;
	question->key = key;
	question->device = (uint64_t)facts->st_dev;
	question->inode = (uint64_t)facts->st_ino;
	question->file_size = (uint64_t)facts->st_size;
	/* Modulo 2^64: file systems keep times far beyond. */
	question->mtime = (int64_t)((uint64_t)facts->st_mtim.tv_sec * 1000000000u + (uint64_t)facts->st_mtim.tv_nsec);
	return length > 0;
}

bool ask(const char *hook, const char *path, const struct stat *facts, struct tldt_question *room, uint64_t *bits) {
	const uint64_t key = recent_key(facts);
	struct tldt_answer answer;
	if (answers_find(hook, key, bits))
		return true;
	if (!write_question(room, path, facts, key) || !ask_broker(hook, room, &answer))
		return false;
	*bits = answer.status == TLDT_ANSWER_LOOKED ? answer.bits : 0;
	return true;
}
