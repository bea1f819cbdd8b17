/** Operations that users are promised by name. */
export const required = (
  'add sub rsub mul div true_divide neg pow square sqrt rsqrt reciprocal exp exp2 expm1 log log1p log2 log10 sin cos tan asin ' +
  'acos atan sinh cosh tanh atan2 sigmoid erf abs sign floor ceil round trunc frac remainder fmod maximum minimum clamp where ' +
  'lerp eq ne lt le gt ge logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor bitwise_not ' +
  'floor_divide sum mean prod max min amax amin argmax argmin var std norm logsumexp cumsum cumprod any all matmul mm bmm mv ' +
  'dot outer addmm transpose t mT permute reshape view flatten squeeze unsqueeze expand cat stack split chunk unbind select ' +
  'narrow index_select gather masked_fill tril triu flip roll repeat __getitem__ slice softmax log_softmax relu leaky_relu elu ' +
  'gelu silu softplus logsigmoid nn.functional.relu nn.functional.leaky_relu nn.functional.elu nn.functional.gelu ' +
  'nn.functional.silu nn.functional.softplus nn.functional.logsigmoid nn.functional.softmax nn.functional.log_softmax ' +
  'nn.functional.linear nn.functional.mse_loss nn.functional.l1_loss nn.functional.smooth_l1_loss ' +
  'nn.functional.binary_cross_entropy nn.functional.binary_cross_entropy_with_logits nn.functional.nll_loss ' +
  'nn.functional.cross_entropy nn.functional.kl_div zeros ones full arange linspace eye zeros_like ones_like full_like detach ' +
  'clone to autograd.grad'
).split(' ');
