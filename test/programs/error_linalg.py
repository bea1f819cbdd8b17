# Matrices without an inverse or a root.
import torch

for action in (lambda: torch.linalg.inv(torch.zeros(2, 2)), lambda: torch.linalg.cholesky(-torch.eye(2)), lambda: torch.linalg.solve(torch.zeros(2, 2), torch.ones(2)),
               lambda: torch.linalg.det(torch.ones(2, 3))):
    try:
        action()
    except RuntimeError as error:
        print(type(error).__name__, str(error).split("\n")[0])
