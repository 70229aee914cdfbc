/* ini_reader.c - callback-style reader for INI files
 *
 * Grammar, line by line:
 *     [section]
 *     key = value        ; or # starts a comment at the start of a line only
 *
 * Lines are trimmed at both ends. A value may be wrapped in double quotes to
 * keep its outer blanks. Nothing is allocated: lines longer than the buffer
 * are an error, not a surprise.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 512
#define SECTION_MAX 64

enum ini_status { INI_OK, INI_STOPPED, INI_SYNTAX, INI_TOO_LONG, INI_IO };

/* Return nonzero from the callback to stop early. */
typedef int ini_visit(void *ctx, const char *section, const char *key,
                      const char *value);

static char *trim(char *s)
{
    char *end;

    while (isspace((unsigned char)*s))
        s++;
    end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    return s;
}

static char *unquote(char *s)
{
    size_t n = strlen(s);

    if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
        s[n - 1] = '\0';
        return s + 1;
    }
    return s;
}

/* *lineno is left at the offending line when the result is an error. */
enum ini_status ini_read(FILE *in, ini_visit *visit, void *ctx, int *lineno)
{
    char buf[LINE_MAX_BYTES];
    char section[SECTION_MAX] = "";

    *lineno = 0;
    while (fgets(buf, sizeof buf, in) != NULL) {
        char *line, *eq;

        ++*lineno;
        if (strchr(buf, '\n') == NULL && !feof(in))
            return INI_TOO_LONG;

        line = trim(buf);
        if (*line == '\0' || *line == ';' || *line == '#')
            continue;

        if (*line == '[') {
            char *close = strchr(line, ']');

            if (close == NULL || close[1] != '\0')
                return INI_SYNTAX;
            *close = '\0';
            line = trim(line + 1);
            if (strlen(line) >= sizeof section)
                return INI_TOO_LONG;
            strcpy(section, line);
            continue;
        }

        eq = strchr(line, '=');
        if (eq == NULL || eq == line)
            return INI_SYNTAX;
        *eq = '\0';
        if (visit(ctx, section, trim(line), unquote(trim(eq + 1))) != 0)
            return INI_STOPPED;
    }
    return ferror(in) ? INI_IO : INI_OK;
}
