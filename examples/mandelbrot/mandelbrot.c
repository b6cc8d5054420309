// Draws the Mandelbrot set in characters: a loop of floating-point arithmetic and nothing else.
// usage: mandelbrot [COLUMNS [ITERATIONS]]
#include <stdio.h>
#include <stdlib.h>

static int iterations_until_escape(double real, double imaginary, int limit) {
  double x = 0, y = 0;
  int iterations = 0;
  while (iterations < limit && x * x + y * y <= 4) {
    const double next = x * x - y * y + real;
    y = 2 * x * y + imaginary;
    x = next;
    ++iterations;
  }
  return iterations;
}

int main(int argc, char** argv) {
  static const char kShades[] = " .:-=+*%@#";
  const int columns = argc > 1 ? atoi(argv[1]) : 72;
  const int limit = argc > 2 ? atoi(argv[2]) : 1000;
  if (columns < 8 || columns > 4096 || limit < 1) {
    fputs("usage: mandelbrot [COLUMNS (8 to 4096) [ITERATIONS]]\n", stderr);
    return 2;
  }
  const int rows = columns * 3 / 8;  // a character is about twice as high as it is wide
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const double real = -2.1 + 2.8 * column / (columns - 1);
      const double imaginary = -1.05 + 2.1 * row / (rows - 1);
      const int iterations = iterations_until_escape(real, imaginary, limit);
      const int shade = iterations == limit ? 9 : iterations < 9 ? iterations : 8;
      putchar(kShades[shade]);
    }
    putchar('\n');
  }
  return 0;
}
