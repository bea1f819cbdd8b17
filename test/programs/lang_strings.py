# What strings can do.
text = "  Gradient Descent  "
print(text.strip(), text.strip().lower(), text.strip().split(" "), len(text))
print("-".join(["a", "b", "c"]), "a,b,c".split(","), "abc".upper(), "abc".replace("b", "x"))
print("abc"[0], "abc"[-1], "abc"[1:], "abc"[::-1], "b" in "abc", "abc".find("c"), "abc".startswith("a"))
print("=" * 20)
print("7".zfill(3), "ab".center(6, "."), "ab".ljust(4) + "|", "ab".rjust(4), "a1".isdigit(), "12".isdigit())
print("line one\nline two", "tab\tbed", 'single "double"', "it's")
print(repr("it's"), repr('say "hi"'), repr("new\nline"))
print(ord("a"), chr(98), "a" < "b", "%s" % ("t",), str(3.0), str(1e-7), int("42"), float("2.5"))
print("title case".title(), "x=1;y=2".partition(";"), "aXbX".count("X"), "é".upper(), len("naïve"))
