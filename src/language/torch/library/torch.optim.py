"""Optimizers, and schedulers of their learning rates."""
from torch.optim import lr_scheduler
from torch.optim.adafactor import Adafactor
from torch.optim.adam import NAdam, Adam, Adamax, AdamW, RAdam
from torch.optim.adaptive import ASGD, Adadelta, Adagrad, RMSprop, Rprop
from torch.optim.lbfgs import LBFGS
from torch.optim.optimizer import Optimizer
from torch.optim.sgd import SGD
