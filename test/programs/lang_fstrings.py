# Formatted strings.
import torch

x = torch.tensor(3.14159265)
v = torch.tensor([1., 2.])
print(f"{x.item():.4f} {x.item():.3f} {x:.2f} {x:8.3f}|{x:<8.2f}|{x:>8.2f}|{x:^8.2f}|{x:+.1f}")
print(f"{v} {v.sum()} {v!r} {v.shape} {v.dtype}")
print(f"{1234567.891:,.2f} {0.000012345:.3e} {0.1234:.1%} {42:05d} {255:x} {255:#b} {1e20:g} {0.0001:g}")
print(f"{'left':<8}|{'right':>8}|{'mid':^8}|{'fill':*^10}|")
width = 10
print(f"{3.14159:{width}.2f}| {width=} {'a' + 'b'} {{braces}}")
print("%d %5.2f %s %r %e %x %%" % (3, 2.5, "s", "r", 12345.678, 255))
print("%d" % 7, "epoch %3d loss %.4f" % (12, 0.123456))
print("{} {:.3f} {name}".format(1, 2.0, name="n"), "{1} {0}".format("a", "b"))
print("a" + str(1) + repr("q"), "x" * 3, f"{True} {None} {[1, 2.0]} {(1,)}")
print(f"{torch.tensor(7)} {torch.tensor(True)} {torch.tensor(7):3d}")
