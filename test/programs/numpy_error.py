import numpy as np
import torch

a = np.ones((2, 3))
print(a.sum())
b = a + np.ones((2, 2))
