// Greets everyone named on the command line, as the environment variable GREETING says, and swoops.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kWidth = 61, kHeight = 6 };

// A parabola with one character per column, in steps of half a row.
static void draw_swoop(void) {
  char rows[kHeight][kWidth + 1];
  memset(rows, ' ', sizeof rows);
  const int middle = kWidth / 2;
  for (int column = 0; column < kWidth; ++column) {
    const int distance = column - middle;
    const int rise = distance * distance * (2 * kHeight - 1) / (middle * middle);
    rows[kHeight - 1 - rise / 2][column] = rise % 2 ? '-' : '_';
  }
  rows[0][kWidth - 1] = '>';
  for (int row = 0; row < kHeight; ++row) {
    int length = kWidth;
    while (rows[row][length - 1] == ' ') {
      --length;
    }
    rows[row][length] = '\0';
    puts(rows[row]);
  }
}

int main(int argc, char** argv) {
  const char* greeting = getenv("GREETING");
  if (greeting == NULL) {
    greeting = "Hello";
  }
  if (argc < 2) {
    printf("%s, world!\n", greeting);
  }
  for (int i = 1; i < argc; ++i) {
    printf("%s, %s!\n", greeting, argv[i]);
  }
  draw_swoop();
  return 0;
}
