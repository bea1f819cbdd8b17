# Lists, tuples, dicts, sets.
items = [3, 1, 2]
items.append(5)
items.extend([7, 8])
items.insert(0, 9)
print(items, items.pop(), items.index(2), len(items), items.count(1))
items.sort()
items.reverse()
items.remove(5)
print(items, items[1:3], items[-1], items[::2], 9 in items, items + [0], [0] * 3)
del items[0]
items[0:1] = [100, 200]
print(items, list(range(10, 0, -3)))
d = {"lr": 0.1, "steps": 10}
d["momentum"] = 0.9
d.update(steps=20)
print(d, d["lr"], d.get("none"), d.get("none", 5), "lr" in d, len(d), list(d), list(d.values()))
for key, value in d.items():
    print(key, value)
print(d.pop("lr"), d, {**d, "extra": 1}, dict(a=1), d.setdefault("n", []), sorted(d))
t = (1, 2, 3)
print(t[0], t + (4,), len(t), t == (1, 2, 3), (1, 2) < (1, 3), ())
s = {1, 2} | {2, 3}
print(s, s & {2}, s - {1}, 3 in s, len(s))
nested = {"a": [1, {"b": (2, 3)}]}
print(nested["a"][1]["b"][0], nested)
try:
    d["missing"]
except KeyError as error:
    print("KeyError", error)
