# Classes, inheritance, special methods, properties.
import torch


class Shape:
    count = 0

    def __init__(self, name):
        self.name = name
        Shape.count += 1

    def area(self):
        raise NotImplementedError("area")

    def __repr__(self):
        return f"{type(self).__name__}({self.name!r})"

    @property
    def label(self):
        return self.name.upper()

    @staticmethod
    def unit():
        return "m2"

    @classmethod
    def make(cls, *args):
        return cls("made", *args)


class Circle(Shape):
    def __init__(self, name, r):
        super().__init__(name)
        self.r = torch.tensor(float(r), requires_grad=True)

    def area(self):
        return torch.pi * self.r ** 2

    def __call__(self, factor):
        return self.area() * factor


c = Circle("c", 2)
print(c, c.label, Shape.count, Circle.unit())
print(c.area(), c(2).item() > 25)
c.area().backward()
print(c.r.grad)
print(isinstance(c, Shape), hasattr(c, "r"), getattr(c, "missing", None), Circle.make(1).name)
try:
    Shape("s").area()
except NotImplementedError as error:
    print("not implemented:", error)
