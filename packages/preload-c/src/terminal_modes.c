#include "terminal_modes.h"

enum mode_place { MODE_KEY, MODE_INPUT, MODE_OUTPUT, MODE_CONTROL, MODE_LOCAL };

/* `bits` is the index in c_cc for a key, else the flag. */
struct mode {
	unsigned char opcode;
	unsigned char place;
	unsigned bits;
};

static const struct mode all_modes[] = {
    {1, MODE_KEY, VINTR},        {2, MODE_KEY, VQUIT},        {3, MODE_KEY, VERASE},      {4, MODE_KEY, VKILL},
    {5, MODE_KEY, VEOF},         {6, MODE_KEY, VEOL},         {7, MODE_KEY, VEOL2},       {8, MODE_KEY, VSTART},
    {9, MODE_KEY, VSTOP},        {10, MODE_KEY, VSUSP},       {12, MODE_KEY, VREPRINT},   {13, MODE_KEY, VWERASE},
    {14, MODE_KEY, VLNEXT},      {18, MODE_KEY, VDISCARD},    {152, MODE_KEY, VMIN},      {153, MODE_KEY, VTIME},
    {30, MODE_INPUT, IGNPAR},    {31, MODE_INPUT, PARMRK},    {32, MODE_INPUT, INPCK},    {33, MODE_INPUT, ISTRIP},
    {34, MODE_INPUT, INLCR},     {35, MODE_INPUT, IGNCR},     {36, MODE_INPUT, ICRNL},    {37, MODE_INPUT, IUCLC},
    {38, MODE_INPUT, IXON},      {39, MODE_INPUT, IXANY},     {40, MODE_INPUT, IXOFF},    {41, MODE_INPUT, IMAXBEL},
    {42, MODE_INPUT, IUTF8},     {150, MODE_INPUT, IGNBRK},   {151, MODE_INPUT, BRKINT},  {50, MODE_LOCAL, ISIG},
    {51, MODE_LOCAL, ICANON},    {53, MODE_LOCAL, ECHO},      {54, MODE_LOCAL, ECHOE},    {55, MODE_LOCAL, ECHOK},
    {56, MODE_LOCAL, ECHONL},    {57, MODE_LOCAL, NOFLSH},    {58, MODE_LOCAL, TOSTOP},   {59, MODE_LOCAL, IEXTEN},
    {60, MODE_LOCAL, ECHOCTL},   {61, MODE_LOCAL, ECHOKE},    {62, MODE_LOCAL, PENDIN},   {70, MODE_OUTPUT, OPOST},
    {71, MODE_OUTPUT, OLCUC},    {72, MODE_OUTPUT, ONLCR},    {73, MODE_OUTPUT, OCRNL},   {74, MODE_OUTPUT, ONOCR},
    {75, MODE_OUTPUT, ONLRET},   {154, MODE_OUTPUT, TABDLY},  {92, MODE_CONTROL, PARENB}, {93, MODE_CONTROL, PARODD},
    {155, MODE_CONTROL, CSTOPB}, {156, MODE_CONTROL, HUPCL},  {157, MODE_CONTROL, CLOCAL}, {91, MODE_CONTROL, CS8},
};

#define MODES (sizeof(all_modes) / sizeof(all_modes[0]))

static tcflag_t *flags_at(struct termios *modes, unsigned place) {
	if (place == MODE_INPUT) return &modes->c_iflag;
	if (place == MODE_OUTPUT) return &modes->c_oflag;
	return place == MODE_CONTROL ? &modes->c_cflag : &modes->c_lflag;
}

static uint32_t value_of(const struct termios *modes, const struct mode *mode) {
	struct termios copy = *modes;
	if (mode->place == MODE_KEY) return modes->c_cc[mode->bits];
	return (*flags_at(&copy, mode->place) & mode->bits) == mode->bits;
}

size_t terminal_modes_put(unsigned char *at, const struct termios *modes) {
	unsigned char *start = at;
	for (size_t i = 0; i < MODES; i++) {
		*at = all_modes[i].opcode;
		at = u32_put(at + 1, value_of(modes, &all_modes[i]));
	}
	*at++ = 0;
	return (size_t)(at - start);
}

static void mode_take(struct termios *modes, const struct mode *mode, uint32_t value) {
	if (mode->place == MODE_KEY) {
		modes->c_cc[mode->bits] = (cc_t)value;
		return;
	}
	tcflag_t *flags = flags_at(modes, mode->place);
	*flags = value ? *flags | mode->bits : *flags & ~mode->bits;
}

void terminal_modes_take(const unsigned char *at, size_t length, struct termios *modes) {
	for (; length >= 5 && *at != 0; at += 5, length -= 5)
		for (size_t i = 0; i < MODES; i++)
			if (all_modes[i].opcode == *at) mode_take(modes, &all_modes[i], u32_get(at + 1));
}
