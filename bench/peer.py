"""Runs training phases of a user's checkout of NVlabs/stylegan2-ada-pytorch, as told on standard input.

python3 bench/peer.py DIR THREADS DEVICE PRECISION VARIANT

Each line in is {"size": {...}, "work": "generator" | "path-length" | "discriminator" | "r1" | "step" | "period"}; each line out is
{"seconds": ...} or {"error": ...}. The first line out says that it is ready. The checkout's own networks and loss are called; on a
CPU its operators take their reference path by themselves. PRECISION is float32, or anything else for its own mixed precision, as its
train.py sets it on cards: float16 in the four highest resolutions, values clamped to 256. VARIANT is how its networks run:

plain          as they are
channels-last  weights, images and maps of every resolution with their channels side by side
compile        through torch.compile where a phase differentiates once; the penalties differentiate twice, which compiled graphs
               cannot, and take the networks as they are

What a variant needs changed in the checkout's modules is set here while they run; its files stay as they are.
"""

import contextlib
import copy
import json
import math
import os
import re
import sys
import time
import types

# Libraries print to standard output; answers go where they cannot reach.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def answer(**fields):
    print(json.dumps(fields), file=answers, flush=True)


def fail(why):
    answer(error=why)
    sys.exit(1)


if len(sys.argv) != 6:
    fail("it needs a folder, a number of threads, a device, a precision and a variant")
directory, threads, device, precision, variant = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
sys.path.insert(0, directory)
try:
    import torch
except ImportError as error:
    fail(f"torch cannot be imported: {error}")
try:
    import requests  # noqa: F401
except ImportError:
    sys.modules["requests"] = types.ModuleType("requests")  # the checkout downloads with it, which nothing here does
try:
    from training.loss import StyleGAN2Loss
    from training.networks import Discriminator, Generator
except ImportError as error:
    fail(f"{directory} cannot be imported: {error}")
torch.set_num_threads(threads)
on_card = device != "cpu"
if on_card:  # as its training_loop.py sets them
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False



def keep_numbers():
    """NumPy's numbers become tensors when a function is traced, and filters of warnings end a trace; Python's numbers do neither."""
    import numpy
    from torch_utils import misc
    from torch_utils.ops import bias_act
    from training import networks

    networks.np = types.SimpleNamespace(**{**vars(numpy), "sqrt": math.sqrt})
    for activation in bias_act.activation_funcs.values():
        activation.def_gain = float(activation.def_gain)
    misc.suppress_tracer_warnings = contextlib.nullcontext


def keep_order():
    """The checkout's 1x1 convolutions of few channels change the order of a map and back, around a fault of an old cuDNN."""
    from torch_utils.ops import conv2d_gradfix, conv2d_resample

    def convolve(x, w, stride=1, padding=0, groups=1, transpose=False, flip_weight=True):
        kind = conv2d_gradfix.conv_transpose2d if transpose else conv2d_gradfix.conv2d
        return kind(x, w if flip_weight else w.flip([2, 3]), stride=stride, padding=padding, groups=groups)

    conv2d_resample._conv2d_wrapper = convolve


if variant == "channels-last":
    keep_order()
elif variant == "compile":
    if not hasattr(torch, "compile"):
        fail(f"torch {torch.__version__} has no torch.compile")
    keep_numbers()
elif variant != "plain":
    fail(f"unknown variant {variant!r}")

LARGEST_GRADIENT = 1e5
AVERAGE_DECAY = 0.999


def last_in_order(network):
    """Channels-last from the first block on; the generator's first begins with a constant, which has no images to order."""
    network.to(memory_format=torch.channels_last)
    for module in network.modules():
        if hasattr(module, "channels_last") and not hasattr(module, "const"):
            module.channels_last = True


class Trainer:
    """One pair of networks, its optimisers and the phases of an iteration."""

    def __init__(self, size):
        self.size = size
        sides = dict(img_resolution=size["resolutionPx"], img_channels=size["imageChannels"])
        mixed = precision != "float32"
        widths = dict(
            channel_base=size["channelBase"],
            channel_max=size["channelMax"],
            num_fp16_res=4 if mixed else 0,
            conv_clamp=256 if mixed else None,
        )
        self.generator = Generator(
            z_dim=size["styleDim"],
            c_dim=0,
            w_dim=size["styleDim"],
            mapping_kwargs=dict(num_layers=size["mappingLayers"]),
            synthesis_kwargs=widths,
            **sides,
        ).train().requires_grad_(False).to(device)
        self.discriminator = Discriminator(
            c_dim=0, epilogue_kwargs=dict(mbstd_group_size=size["minibatchStdGroup"]), **widths, **sides
        ).train().requires_grad_(False).to(device)
        if variant == "channels-last":
            last_in_order(self.generator)
            last_in_order(self.discriminator)
        self.average = copy.deepcopy(self.generator).eval()
        self.as_they_are = dict(
            G_mapping=self.generator.mapping, G_synthesis=self.generator.synthesis, D=self.discriminator
        )
        self.in_main_phases = self.as_they_are
        if variant == "compile":
            self.in_main_phases = {name: torch.compile(module) for name, module in self.as_they_are.items()}
        self.loss = StyleGAN2Loss(
            device=torch.device(device),
            **self.as_they_are,
            style_mixing_prob=size["styleMixing"],
            r1_gamma=size["r1Gamma"],
            pl_batch_shrink=size["pathLengthBatchDivisor"],
            pl_weight=size["pathLengthWeight"],
        )
        self.optimisers = {
            "G": self.adam(self.generator, size["pathLengthEvery"]),
            "D": self.adam(self.discriminator, size["r1Every"]),
        }
        batch = size["batchSize"]
        shape = (batch, size["imageChannels"], size["resolutionPx"], size["resolutionPx"])
        self.real = torch.randn(*shape, device=device).clamp_(-1, 1)
        if variant == "channels-last":
            self.real = self.real.contiguous(memory_format=torch.channels_last)
        self.no_labels = torch.zeros(batch, 0, device=device)

    def adam(self, network, every):
        """With the correction for lazy regularisation: every + 1 updates in every steps."""
        share = every / (every + 1)
        rate, beta2 = self.size["learningRate"] * share, self.size["beta2"] ** share
        return torch.optim.Adam(network.parameters(), lr=rate, betas=(0.0, beta2), eps=1e-8)

    def update(self, phase, weight):
        network = self.generator if phase[0] == "G" else self.discriminator
        optimiser = self.optimisers[phase[0]]
        for name, module in (self.in_main_phases if phase.endswith("main") else self.as_they_are).items():
            setattr(self.loss, name, module)
        optimiser.zero_grad(set_to_none=True)
        network.requires_grad_(True)
        latents = torch.randn(self.size["batchSize"], self.size["styleDim"], device=device)
        labels = self.no_labels
        self.loss.accumulate_gradients(
            phase=phase, real_img=self.real, real_c=labels, gen_z=latents, gen_c=labels, sync=True, gain=weight
        )
        network.requires_grad_(False)
        for parameter in network.parameters():
            if parameter.grad is not None:
                torch.nan_to_num(
                    parameter.grad, nan=0, posinf=LARGEST_GRADIENT, neginf=-LARGEST_GRADIENT, out=parameter.grad
                )
        optimiser.step()

    def step(self, index):
        self.run("generator")
        if index % self.size["pathLengthEvery"] == 0:
            self.run("path-length")
        self.run("discriminator")
        if index % self.size["r1Every"] == 0:
            self.run("r1")
        with torch.no_grad():
            for mean, parameter in zip(self.average.parameters(), self.generator.parameters()):
                mean.lerp_(parameter, 1 - AVERAGE_DECAY)
            for mean, buffer in zip(self.average.buffers(), self.generator.buffers()):
                mean.copy_(buffer)

    def run(self, work):
        if work == "generator":
            self.update("Gmain", 1)
        elif work == "path-length":
            self.update("Greg", self.size["pathLengthEvery"])
        elif work == "discriminator":
            self.update("Dmain", 1)
        elif work == "r1":
            self.update("Dreg", self.size["r1Every"])
        elif work == "step":
            self.step(0)
        elif work == "period":
            for index in range(self.size["periodSteps"]):
                self.step(index)
        else:
            raise ValueError(f"unknown work {work!r}")


def built_with():
    """oneDNN's version and the instructions that torch takes here, as far as it tells them."""
    told = torch.__config__.show()
    found = [re.search(r"(?:MKL-DNN|oneDNN) v([\d.]+)", told), re.search(r"CPU capability usage: (\S+)", told)]
    parts = [form.format(match[1]) for form, match in zip(["oneDNN {}", "{}"], found) if match]
    return f" ({', '.join(parts)})" if parts else ""


trainers = {}
answer(ready=f"torch {torch.__version__}{built_with()}, {torch.get_num_threads()} threads, {device}, {directory}")
for line in sys.stdin:
    try:
        question = json.loads(line)
        name = json.dumps(question["size"], sort_keys=True)
        if name not in trainers:
            trainers.clear()  # one pair of networks at a time
            trainers[name] = Trainer(question["size"])
        if on_card:
            torch.cuda.synchronize()
        start = time.perf_counter()
        trainers[name].run(question["work"])
        if on_card:
            torch.cuda.synchronize()
        answer(seconds=time.perf_counter() - start)
    except Exception as error:
        fail(f"{type(error).__name__}: {error}")
