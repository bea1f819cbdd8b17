# Tensors made in inference mode.
import torch

x = torch.tensor([1., 2.], requires_grad=True)
with torch.inference_mode():
    y = x * 2
    print(y.requires_grad, torch.is_inference_mode_enabled())
print(y.is_inference())
print(y)
