import { GraddError } from '../errors.ts';
import { facts, isFloat } from '../tensor/dtype.ts';
import { sameShape } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import { accumulatorOf, type Hook, type SessionNode, twin } from './graph.ts';
import { type Present, storageOf } from './present.ts';
import type { Handle, Variable } from './variable.ts';

const refuse = (message: string): never => {
  throw new GraddError('not-differentiable', message);
};

/** Whether `requires_grad_` has anything to do. Throws PyTorch's complaint where it cannot be done. */
export function changesRequiresGrad(variable: Variable, requiresGrad: boolean): boolean {
  if (variable.requiresGrad === requiresGrad) return false;
  if (!variable.isLeaf) {
    if (requiresGrad) return false;
    return refuse(
      "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
    );
  }
  if (requiresGrad && !isFloat(variable.dtype))
    return refuse('only Tensors of floating point dtype can require gradients');
  return true;
}

/** `requires_grad_`. */
export function setRequiresGrad(present: Present, variable: Variable, requiresGrad: boolean): Variable {
  if (!changesRequiresGrad(variable, requiresGrad)) return variable;
  if (requiresGrad && variable.isInference && present.mode !== 'inference')
    return refuse('Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.');
  const t = present.tensorOf(variable);
  const leaf = twin(t, t.version);
  leaf.requiresGrad = requiresGrad;
  leaf.node = requiresGrad ? accumulatorOf(variable, leaf) : null;
  present.replace(variable, leaf);
  return variable;
}

/** `retain_grad`. */
export function retainGrad(present: Present, variable: Variable): void {
  if (!variable.requiresGrad) refuse("can't retain_grad on Tensor that has requires_grad=False");
  const node = present.nodeOf(variable);
  if (node === null || variable.retainsGrad) return;
  node.retained = [...(node.retained ?? []), variable];
  variable.retainsGrad = true;
}

/** `detach_`. */
export function detachInPlace(present: Present, variable: Variable): Variable {
  if (variable.base !== null) {
    refuse(
      "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.",
    );
  }
  const t = present.tensorOf(variable);
  const alone = twin(t, t.version);
  alone.node = null;
  alone.outputNr = 0;
  alone.requiresGrad = false;
  present.replace(variable, alone);
  return variable;
}

/** `.data`: the same memory, outside the graph; what is written through it is not noticed. */
export function dataOf(present: Present, variable: Variable): Variable {
  const t = present.bytesOf(variable);
  const alone = new Tensor(
    present.eager,
    t.dtype,
    t.layout,
    t.ptr,
    present.eager.rt.memory.share(storageOf(t)),
  );
  return present.variable(alone);
}

/** `.data = …`: other memory under the same place in the graph. */
export function setData(present: Present, variable: Variable, data: Variable): void {
  const [t, from] = [present.bytesOf(variable), present.bytesOf(data)];
  if (t.requiresGrad && !isFloat(from.dtype))
    refuse('data set to a tensor that requires gradients must be floating point or complex dtype');
  const storage = present.eager.rt.memory.share(storageOf(from));
  storage.version = storageOf(t).version;
  const other = new Tensor(present.eager, from.dtype, from.layout, from.ptr, storage);
  other.version = storage.version;
  other.requiresGrad = t.requiresGrad;
  other.node = t.node;
  other.outputNr = t.outputNr;
  variable.base = null;
  present.replace(variable, other);
}

/** `.grad = …`. */
export function setGrad(variable: Variable, grad: Variable | null): void {
  if (grad === variable) refuse("can't assign Variable as its own grad");
  if (grad !== null) {
    if (grad.dtype !== variable.dtype) {
      const cxx = { float64: 'double', float32: 'float', int64: 'long int', int32: 'int', bool: 'bool' };
      refuse(
        `attempting to assign a gradient with dtype '${cxx[grad.dtype]}' to a tensor with grad_dtype '${facts[variable.dtype].scalarType}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that assume they match.`,
      );
    }
    if (!sameShape(grad.shape, variable.shape)) {
      refuse(
        `attempting to assign a gradient of size '[${grad.shape.join(', ')}]' to a tensor of size '[${variable.shape.join(', ')}]'. Please ensure that the gradient and the tensor are the same size`,
      );
    }
  }
  variable.grad = grad;
}

/**
 * `register_hook`: called with the gradient of the variable as it is now, and may return another.
 *
 * @param name what Python calls the function
 */
export function registerHook(present: Present, variable: Variable, hook: Hook, name = 'hook'): Handle {
  if (!variable.requiresGrad) refuse("cannot register a hook on a tensor that doesn't require gradient");
  const t = present.settled(variable);
  const node = t.node as SessionNode | null;
  if (node === null) return { remove: () => undefined };
  const entry = { outputNr: t.outputNr, call: hook, name };
  node.hooks = [...(node.hooks ?? []), entry];
  return {
    remove() {
      node.hooks = node.hooks?.filter((each) => each !== entry) ?? [];
    },
  };
}

/** `register_post_accumulate_grad_hook`. */
export function registerPostHook(
  present: Present,
  variable: Variable,
  hook: (variable: Variable) => void,
): Handle {
  if (!variable.requiresGrad) refuse("cannot register a hook on a tensor that doesn't require gradient");
  if (!(present.nodeOf(variable) === null))
    refuse('post accumulate grad hooks cannot be registered on non-leaf tensors');
  const node = present.tensorOf(variable).node as SessionNode;
  node.postHooks = [...(node.postHooks ?? []), hook];
  return {
    remove() {
      node.postHooks = node.postHooks?.filter((each) => each !== hook) ?? [];
    },
  };
}
