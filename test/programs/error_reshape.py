# Shapes that do not hold the elements.
import torch

x = torch.arange(6)
for shape in ((4, 2), (-1, 4), (-1, -1)):
    try:
        x.reshape(shape)
    except RuntimeError as error:
        print(error)
x.view(5)
