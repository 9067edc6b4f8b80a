"""Writes backbones.json: what PyTorch's own modules compute for the networks of src/models/backbones.

Run with a Python that has torch (any version): python3 test/golden/backbones.py
The networks are put together here from torch.nn, module names being torchvision's. Weights are formulas, so that none need be stored.
"""
import hashlib, json, math, os
import torch
from torch import nn
import torch.nn.functional as F


class Residual(nn.Module):
    def __init__(self, into, inner, stride, bottleneck):
        super().__init__()
        out = inner * 4 if bottleneck else inner
        plan = [(1, into, inner), (3, inner, inner), (1, inner, out)] if bottleneck else [(3, into, inner), (3, inner, out)]
        self.n, self.out = len(plan), out
        for i, (k, a, b) in enumerate(plan):
            s = stride if i == (1 if bottleneck else 0) else 1
            setattr(self, f"conv{i + 1}", nn.Conv2d(a, b, k, s, k // 2, bias=False))
            setattr(self, f"bn{i + 1}", nn.BatchNorm2d(b))
        self.downsample = None
        if stride != 1 or into != out:
            self.downsample = nn.Sequential(nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = x
        for i in range(1, self.n + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.n:
                y = F.relu(y)
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, blocks, bottleneck, width, channels, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        into = width
        for stage, n in enumerate(blocks):
            layers = []
            for i in range(n):
                layers.append(Residual(into, width * 2**stage, 2 if i == 0 and stage > 0 else 1, bottleneck))
                into = layers[-1].out
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(into, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class DenseLayer(nn.Module):
    def __init__(self, into, growth):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(into), nn.Conv2d(into, 4 * growth, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(4 * growth), nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(x))))))], 1)


class DenseNet(nn.Module):
    def __init__(self, growth, blocks, width, channels, classes):
        super().__init__()
        self.features = f = nn.Sequential()
        f.add_module("conv0", nn.Conv2d(channels, width, 7, 2, 3, bias=False))
        f.add_module("norm0", nn.BatchNorm2d(width))
        f.add_module("relu0", nn.ReLU())
        f.add_module("pool0", nn.MaxPool2d(3, 2, 1))
        into = width
        for b, n in enumerate(blocks):
            block = nn.Sequential()
            for i in range(n):
                block.add_module(f"denselayer{i + 1}", DenseLayer(into, growth))
                into += growth
            f.add_module(f"denseblock{b + 1}", block)
            if b + 1 < len(blocks):
                t = nn.Sequential()
                t.add_module("norm", nn.BatchNorm2d(into))
                t.add_module("relu", nn.ReLU())
                t.add_module("conv", nn.Conv2d(into, into // 2, 1, bias=False))
                t.add_module("pool", nn.AvgPool2d(2, 2))
                f.add_module(f"transition{b + 1}", t)
                into //= 2
        f.add_module("norm5", nn.BatchNorm2d(into))
        self.classifier = nn.Linear(into, classes)

    def forward(self, x):
        return self.classifier(F.adaptive_avg_pool2d(F.relu(self.features(x)), 1).flatten(1))


def formula(name, shape):
    """The same values as in backbones.test.ts."""
    n = math.prod(shape)
    wave = torch.sin(torch.arange(n, dtype=torch.float64) * 12.9898 + sum(map(ord, name)) % 97).reshape(shape)
    if name.endswith("running_var"):
        return 1 + 0.5 * wave**2
    if len(shape) > 1:
        return wave * math.sqrt(4 / math.prod(shape[1:]))
    return (1 if name.endswith("weight") else 0) + 0.1 * wave


NETWORKS = {
    "resnet-small": lambda c, k: ResNet([1, 1, 1, 1], False, 16, c, k),
    "resnet-18": lambda c, k: ResNet([2, 2, 2, 2], False, 64, c, k),
    "resnet-34": lambda c, k: ResNet([3, 4, 6, 3], False, 64, c, k),
    "resnet-50": lambda c, k: ResNet([3, 4, 6, 3], True, 64, c, k),
    "densenet-small": lambda c, k: DenseNet(8, [2, 2, 2, 2], 16, c, k),
    "densenet-121": lambda c, k: DenseNet(32, [6, 12, 24, 16], 64, c, k),
    "densenet-161": lambda c, k: DenseNet(48, [6, 12, 36, 24], 96, c, k),
}
RUN = {"resnet-small", "resnet-50", "densenet-small"}
out = {}
torch.set_num_threads(1)
for name, make in NETWORKS.items():
    net = make(3, 1000)
    lines = sorted(f"{k} {list(v.shape)}" for k, v in net.state_dict().items())
    out[name] = {
        "parameters": sum(p.numel() for p in net.parameters()),
        "state": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    }
    if name not in RUN:
        continue
    net = make(2, 3).double()
    with torch.no_grad():
        for k, v in net.state_dict().items():
            if not k.endswith("num_batches_tracked"):
                v.copy_(formula(k, list(v.shape)))
    side = 64
    image = torch.sin(torch.arange(2 * 2 * side * side, dtype=torch.float64) * 0.37).reshape(2, 2, side, side)
    net.eval()
    with torch.no_grad():
        out[name]["eval"] = net(image).flatten().tolist()
    net.train()
    logits = net(image)
    weights = torch.sin(torch.arange(6, dtype=torch.float64)).reshape(2, 3)
    (logits * weights).sum().backward()
    out[name]["train"] = logits.flatten().tolist()
    out[name]["gradientNorms"] = {k: p.grad.norm().item() for k, p in net.named_parameters() if k.count(".") < 3 or ".1." in k}
    out[name]["runningSums"] = {k: v.double().sum().item() for k, v in net.state_dict().items() if "running" in k and k.count(".") < 3}

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "backbones.json")
rounded = json.loads(json.dumps(out), parse_float=lambda t: float(f"{float(t):.9g}"))
with open(path, "w") as file:
    json.dump(rounded, file, indent=1)
    file.write("\n")
