"""The things around a training loop."""
import copy
import random
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def set_seed(seed=42):
    random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


class AverageMeter:
    def __init__(self, name, fmt=':f'):
        self.name = name
        self.fmt = fmt
        self.reset()

    def reset(self):
        self.val = self.avg = self.sum = self.count = 0

    def update(self, val, n=1):
        self.val = val
        self.sum += val * n
        self.count += n
        self.avg = self.sum / self.count

    def __str__(self):
        fmtstr = '{name} {val' + self.fmt + '} ({avg' + self.fmt + '})'
        return fmtstr.format(**self.__dict__)


class EMA:
    def __init__(self, model, decay=0.9):
        self.decay = decay
        self.shadow = {}
        self.backup = {}
        for name, param in model.named_parameters():
            if param.requires_grad:
                self.shadow[name] = param.data.clone()

    def update(self, model):
        for name, param in model.named_parameters():
            if param.requires_grad:
                assert name in self.shadow
                self.shadow[name] = (1.0 - self.decay) * param.data + self.decay * self.shadow[name]

    def apply_shadow(self, model):
        for name, param in model.named_parameters():
            self.backup[name] = param.data
            param.data = self.shadow[name]

    def restore(self, model):
        for name, param in model.named_parameters():
            param.data = self.backup[name]
        self.backup = {}


def accuracy(output, target, topk=(1,)):
    with torch.no_grad():
        maxk = max(topk)
        batch_size = target.size(0)
        _, pred = output.topk(maxk, 1, True, True)
        pred = pred.t()
        correct = pred.eq(target.view(1, -1).expand_as(pred))
        res = []
        for k in topk:
            correct_k = correct[:k].reshape(-1).float().sum(0, keepdim=True)
            res.append(correct_k.mul_(100.0 / batch_size))
        return res


set_seed(0)
device = 'cuda' if torch.cuda.is_available() else 'cpu'
print(f"Using {device} device")
X = torch.randn(120, 5)
Y = X[:, :3].argmax(1)
loader = DataLoader(TensorDataset(X, Y), batch_size=16, shuffle=True, drop_last=True)
model = nn.Sequential(nn.Linear(5, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 3)).to(device)
decay, no_decay = [], []
for name, p in model.named_parameters():
    (no_decay if p.ndim == 1 else decay).append(p)
optimizer = torch.optim.AdamW([{'params': decay, 'weight_decay': 0.05}, {'params': no_decay, 'weight_decay': 0.}], lr=1e-2)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2e-2, steps_per_epoch=len(loader) // 2 + 1, epochs=3)
ema = EMA(model)
losses, top1 = AverageMeter('Loss', ':.4f'), AverageMeter('Acc@1', ':6.2f')
accum_steps = 2
scaler = torch.cuda.amp.GradScaler(enabled=False)
for epoch in range(3):
    model.train()
    losses.reset()
    top1.reset()
    optimizer.zero_grad()
    for step, (xb, yb) in enumerate(loader):
        xb, yb = xb.to(device, non_blocking=True), yb.to(device)
        out = model(xb)
        loss = nn.functional.cross_entropy(out, yb) / accum_steps
        scaler.scale(loss).backward()
        losses.update(loss.item() * accum_steps, xb.size(0))
        acc1, acc2 = accuracy(out, yb, topk=(1, 2))
        top1.update(acc1[0].item(), xb.size(0))
        if (step + 1) % accum_steps == 0 or (step + 1) == len(loader):
            scaler.unscale_(optimizer)
            gn = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad(set_to_none=True)
            scheduler.step()
            ema.update(model)
    print(f"epoch {epoch} lr {scheduler.get_last_lr()[0]:.2e} | {losses} | {top1}")
best = copy.deepcopy(model.state_dict())
ema.apply_shadow(model)
model.eval()
with torch.no_grad():
    print(f"{accuracy(model(X), Y)[0].item():.1f}" > "50")
ema.restore(model)
model.load_state_dict(best)
print(all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), best.values())))
print(model.load_state_dict(best))
