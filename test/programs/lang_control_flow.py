# while, for-else, break, continue, conditional expressions, match of conditions.
n, steps = 27, 0
while n != 1:
    n = n // 2 if n % 2 == 0 else 3 * n + 1
    steps += 1
print("steps", steps)
for p in range(2, 20):
    for q in range(2, p):
        if p % q == 0:
            break
    else:
        print(p, end=" ")
print()
for i in range(10):
    if i % 2:
        continue
    if i > 6:
        break
    print(i, end=",")
print("done", 1, 2, sep="-")
i = 0
while True:
    i += 1
    if i == 3:
        break
else:
    print("never")
print(i, "big" if i > 2 else "small")
if (m := i * 2) > 5:
    print("walrus", m)
pass
