/* The running example with POSIX sockets. Build: cc -o example example.c; usage: ./example [http://127.0.0.1:8080] */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char answer[65536];

/* Prints the number behind a marker. */
static void print(const char *label, const char *from, const char *marker) {
  const char *at = from ? strstr(from, marker) : NULL;
  if (!at) exit(1);
  at += strlen(marker);
  printf("%s = %.*s\n", label, (int)strcspn(at, ",}"), at);
}

int main(int argc, char **argv) {
  const char *base = argc > 1 ? argv[1] : "http://127.0.0.1:8080";
  char host[256], port[16], request[1024];
  if (sscanf(base, "http://%255[^:/]:%15[0-9]", host, port) != 2) return 1;
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  if (getaddrinfo(host, port, &hints, &found) != 0) return 1;
  int fd = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
  if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) != 0) return 1;
  const char *body = "{\"expression\": \"(x + w) * (w + 1)\", \"leaves\": {\"w\": 1, \"x\": 2}, \"trace\": false}";
  int size = snprintf(request, sizeof request,
                      "POST /v1/evaluate HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
                      "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                      host, strlen(body), body);
  if (write(fd, request, size) != size) return 1;
  size_t got = 0;
  for (ssize_t n; got < sizeof answer - 1 && (n = read(fd, answer + got, sizeof answer - 1 - got)) > 0;) got += n;
  print("y", answer, "{\"value\":");
  print("dy/dw", strstr(answer, "\"gradients\""), "\"w\":");
  print("dy/dx", strstr(answer, "\"gradients\""), "\"x\":");
  close(fd);
  freeaddrinfo(found);
  return 0;
}
