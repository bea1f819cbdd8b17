import torch
import torch.nn as nn
import torch.nn.functional as F


class ConvAutoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, 2),
            nn.Conv2d(4, 2, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.t_conv1 = nn.ConvTranspose2d(2, 4, 2, stride=2)
        self.up = nn.Upsample(scale_factor=2, mode='bilinear', align_corners=False)
        self.out = nn.Conv2d(4, 1, 3, padding='same')

    def forward(self, x):
        z = self.enc(x)
        x = F.leaky_relu(self.t_conv1(z), 0.1)
        return torch.sigmoid(self.out(self.up(x))), z


torch.manual_seed(0)
images = torch.zeros(8, 1, 12, 12)
for i in range(8):
    images[i, 0, i:i + 4, 2:8] = 1.0
model = ConvAutoencoder()
criterion = nn.MSELoss()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
noise_factor = 0.3
for epoch in range(1, 7):
    noisy = torch.clamp(images + noise_factor * torch.randn(*images.shape), 0., 1.)
    out, z = model(noisy)
    loss = criterion(out, images)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 2 == 0:
        print('Epoch: {} \tTraining Loss: {:.5f}'.format(epoch, loss.item() * images.size(0)))
print(z.shape, out.shape)
k = torch.tensor([[0., 1., 0.], [1., -4., 1.], [0., 1., 0.]]).view(1, 1, 3, 3)
print(F.conv2d(images[:1], k, padding=1)[0, 0, :4, :9])
print(F.pad(torch.ones(1, 2), (1, 2), "constant", 9), F.interpolate(images[:1], scale_factor=0.5).sum())
sobel = F.unfold(images[:1], kernel_size=4, stride=4)
print(sobel.shape, F.fold(sobel, output_size=(12, 12), kernel_size=4, stride=4).equal(images[:1]))
psnr = 10 * torch.log10(1 / criterion(out, images))
print(f"PSNR {psnr.item():.2f} dB")
