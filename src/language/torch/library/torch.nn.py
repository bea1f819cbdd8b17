"""Layers, losses and containers: each is loaded when a program first asks for one of its module."""
from torch.nn import functional, init, modules, parameter, utils
from torch.nn.parameter import Parameter

_names = {
    'activation': (
        'CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax Mish '
        'PReLU ReLU ReLU6 RReLU SELU Sigmoid SiLU Softmax Softmax2d Softmin Softplus Softshrink Softsign Tanh '
        'Tanhshrink Threshold'
    ),
    'container': 'ModuleDict ModuleList ParameterDict ParameterList Sequential',
    'conv': 'Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d',
    'lazy': (
        'LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d '
        'LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear'
    ),
    'linear': 'Bilinear Identity Linear',
    'loss': (
        'BCELoss BCEWithLogitsLoss CosineEmbeddingLoss CrossEntropyLoss CTCLoss GaussianNLLLoss '
        'HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss MarginRankingLoss MSELoss MultiLabelMarginLoss '
        'MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss PoissonNLLLoss SmoothL1Loss SoftMarginLoss '
        'TripletMarginLoss TripletMarginWithDistanceLoss'
    ),
    'module': 'Module',
    'normalization': (
        'BatchNorm1d BatchNorm2d BatchNorm3d GroupNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d LayerNorm '
        'LocalResponseNorm RMSNorm'
    ),
    'padding': (
        'CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d '
        'ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad1d '
        'ZeroPad2d ZeroPad3d'
    ),
    'pooling': (
        'AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d '
        'AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d LPPool1d LPPool2d MaxPool1d MaxPool2d MaxPool3d'
    ),
    'rare': (
        'AdaptiveLogSoftmaxWithLoss ChannelShuffle EmbeddingBag FeatureAlphaDropout FractionalMaxPool2d '
        'FractionalMaxPool3d LPPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d'
    ),
    'rnn': 'GRU LSTM RNN GRUCell LSTMCell RNNBase RNNCell RNNCellBase',
    'shape': (
        'AlphaDropout CosineSimilarity Dropout Dropout1d Dropout2d Dropout3d Embedding Flatten Fold '
        'PairwiseDistance PixelShuffle PixelUnshuffle Unflatten Unfold Upsample UpsamplingBilinear2d '
        'UpsamplingNearest2d'
    ),
    'transformer': (
        'MultiheadAttention Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder '
        'TransformerEncoderLayer'
    ),
}
_homes = {name: home for home, names in _names.items() for name in names.split()}


def __getattr__(name):
    if name not in _homes:
        raise AttributeError(f"module 'torch.nn' has no attribute '{name}'")
    return getattr(getattr(modules, _homes[name]), name)
