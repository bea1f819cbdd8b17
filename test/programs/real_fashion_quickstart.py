import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset, ConcatDataset, WeightedRandomSampler
import torch.nn.functional as F


class ShapesDataset(Dataset):
    """Bars, crosses and squares."""

    def __init__(self, n, transform=None, target_transform=None):
        self.labels = [i % 3 for i in range(n)]
        self.transform = transform
        self.target_transform = target_transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, idx):
        label = self.labels[idx]
        img = torch.zeros(1, 8, 8)
        k = 2 + idx % 4
        if label == 0:
            img[:, k] = 1
        elif label == 1:
            img[:, k] = 1
            img[:, :, k] = 1
        else:
            img[:, 1:k + 1, 1:k + 1] = 1
        if self.transform:
            img = self.transform(img)
        if self.target_transform:
            label = self.target_transform(label)
        return img, label


class Compose:
    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, x):
        for t in self.transforms:
            x = t(x)
        return x


device = torch.accelerator.current_accelerator().type if torch.accelerator.is_available() else "cpu"
print(f"Using {device} device")
torch.manual_seed(0)
tf = Compose([lambda im: im + 0.1 * torch.randn(im.shape), lambda im: (im - 0.2) / 0.4])
training_data = ShapesDataset(60, tf)
test_data = ShapesDataset(30, tf)
train_dataloader = DataLoader(training_data, batch_size=16, shuffle=True)
test_dataloader = DataLoader(test_data, batch_size=16)
for X, y in test_dataloader:
    print(f"Shape of X [N, C, H, W]: {X.shape}")
    print(f"Shape of y: {y.shape} {y.dtype}")
    break


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(8 * 8, 32),
            nn.ReLU(),
            nn.Linear(32, 3)
        )

    def forward(self, x):
        x = self.flatten(x)
        logits = self.linear_relu_stack(x)
        return logits


model = NeuralNetwork().to(device)
print(model)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=5e-2)


def train(dataloader, model, loss_fn, optimizer):
    size = len(dataloader.dataset)
    model.train()
    for batch, (X, y) in enumerate(dataloader):
        X, y = X.to(device), y.to(device)
        pred = model(X)
        loss = loss_fn(pred, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if batch % 2 == 0:
            loss, current = loss.item(), (batch + 1) * len(X)
            print(f"loss: {loss:>7f}  [{current:>5d}/{size:>5d}]"[:12])


def test(dataloader, model, loss_fn):
    size = len(dataloader.dataset)
    num_batches = len(dataloader)
    model.eval()
    test_loss, correct = 0, 0
    with torch.no_grad():
        for X, y in dataloader:
            X, y = X.to(device), y.to(device)
            pred = model(X)
            test_loss += loss_fn(pred, y).item()
            correct += (pred.argmax(1) == y).type(torch.float).sum().item()
    test_loss /= num_batches
    correct /= size
    print(f"Test Error: \n Accuracy: {(100*correct):>0.1f}%, Avg loss: {test_loss:>6f} \n"[:40])


for t in range(2):
    print(f"Epoch {t+1}\n-------------------------------")
    train(train_dataloader, model, loss_fn, optimizer)
    test(test_dataloader, model, loss_fn)
print("Done!")
classes = ["bar", "cross", "square"]
model.eval()
x, y = test_data[0][0], test_data[0][1]
with torch.no_grad():
    pred = model(x.to(device))
    predicted, actual = classes[pred[0].argmax(0)], classes[y]
    print(f'Predicted: "{predicted}", Actual: "{actual}"')
weights = [1.0 if l == 2 else 0.1 for l in training_data.labels]
sampler = WeightedRandomSampler(weights, num_samples=20, replacement=True)
print(sum(int((yb == 2).sum()) for _, yb in DataLoader(training_data, batch_size=10, sampler=sampler)) > 10)
print(len(ConcatDataset([Subset(training_data, range(5)), test_data])), len(Subset(training_data, [1, 2])))


def collate(batch):
    xs, ys = zip(*batch)
    return torch.stack(xs), torch.as_tensor(ys)


xb, yb = next(iter(DataLoader(training_data, batch_size=4, collate_fn=collate)))
print(xb.shape, yb, F.one_hot(yb, 3))
