"""Tools beside the layers."""
from torch.utils import data
