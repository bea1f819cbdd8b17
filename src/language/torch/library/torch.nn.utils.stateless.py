"""Modules as functions of their parameters, by their former name."""
from torch.func.state import functional_call
