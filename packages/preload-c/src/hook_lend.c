/* The process sees the lent environment while the call lasts; one that it has replaced meanwhile stays. Other threads may keep
 * pointers into what was lent, as getenv() returns them, so it is never unmapped, but kept for the next loan. */
#include "hook_lend.h"

#include <stddef.h>

#include "hook_environment.h"
#include "hook_repair.h"
#include "hook_room.h"

/* The first pointer of a mapping is the number of those behind it. */
static char **spare;

static char **take(size_t count) {
	char **mapping = __atomic_exchange_n(&spare, NULL, __ATOMIC_ACQ_REL);
	if (mapping != NULL && (size_t)mapping[0] >= count)
		return mapping + 1;
	/* More than is asked for, so that an environment may grow, and always more than fits on the stack. */
	const size_t whole = 2 * (count + ROOM_ON_STACK);
	mapping = room_take(NULL, whole);
	if (mapping == NULL)
		return NULL;
	mapping[0] = (char *)(whole - 1);
	return mapping + 1;
}

static void put_back(char **room) {
	__atomic_store_n(&spare, room - 1, __ATOMIC_RELEASE);
}

static bool replace(char **now, char **next) {
	return __atomic_compare_exchange_n(&environ, &now, next, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

struct loan environment_lend(const char *hook) {
	struct loan loan = {environment_get(), NULL};
	const struct repair repair = repair_plan(hook, loan.given, true);
	if (!repair.needed || &environ == NULL)
		return loan;
	char **room = take(repair.room);
	if (room == NULL)
		return loan;
	repair_write(&repair, room);
	if (replace(loan.given, room))
		loan.lent = room;
	else
		put_back(room);
	return loan;
}

void environment_return(const struct loan *loan) {
	if (loan->lent == NULL)
		return;
	if (replace(loan->lent, loan->given))
		put_back(loan->lent);
}
