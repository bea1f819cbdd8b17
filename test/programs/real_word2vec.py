import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from collections import Counter

torch.manual_seed(1)
CONTEXT_SIZE = 2
EMBEDDING_DIM = 10
test_sentence = """When forty winters shall besiege thy brow,
And dig deep trenches in thy beauty's field,
Thy youth's proud livery so gazed on now,
Will be a totter'd weed of small worth held:
Then being asked, where all thy beauty lies,
Where all the treasure of thy lusty days;""".split()
ngrams = [
    (
        [test_sentence[i - j - 1] for j in range(CONTEXT_SIZE)],
        test_sentence[i]
    )
    for i in range(CONTEXT_SIZE, len(test_sentence))
]
print(ngrams[:3])
vocab = sorted(set(test_sentence))
word_to_ix = {word: i for i, word in enumerate(vocab)}
print(Counter(test_sentence).most_common(2))


class NGramLanguageModeler(nn.Module):
    def __init__(self, vocab_size, embedding_dim, context_size):
        super(NGramLanguageModeler, self).__init__()
        self.embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.linear1 = nn.Linear(context_size * embedding_dim, 32)
        self.linear2 = nn.Linear(32, vocab_size)

    def forward(self, inputs):
        embeds = self.embeddings(inputs).view((1, -1))
        out = F.relu(self.linear1(embeds))
        out = self.linear2(out)
        log_probs = F.log_softmax(out, dim=1)
        return log_probs


losses = []
loss_function = nn.NLLLoss()
model = NGramLanguageModeler(len(vocab), EMBEDDING_DIM, CONTEXT_SIZE)
optimizer = optim.SGD(model.parameters(), lr=0.01)
for epoch in range(5):
    total_loss = 0
    for context, target in ngrams:
        context_idxs = torch.tensor([word_to_ix[w] for w in context], dtype=torch.long)
        model.zero_grad()
        log_probs = model(context_idxs)
        loss = loss_function(log_probs, torch.tensor([word_to_ix[target]], dtype=torch.long))
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
    losses.append(total_loss)
print([f"{l:.2f}" for l in losses])
print(model.embeddings.weight[word_to_ix["beauty"]].shape if "beauty" in word_to_ix else "no beauty")


# skip-gram with negative sampling
class SkipGram(nn.Module):
    def __init__(self, vocab_size, dim):
        super().__init__()
        self.u = nn.Embedding(vocab_size, dim, sparse=False)
        self.v = nn.Embedding(vocab_size, dim)
        nn.init.uniform_(self.u.weight, -0.5 / dim, 0.5 / dim)
        nn.init.constant_(self.v.weight, 0)

    def forward(self, pos_u, pos_v, neg_v):
        emb_u = self.u(pos_u)
        emb_v = self.v(pos_v)
        score = torch.sum(torch.mul(emb_u, emb_v), dim=1)
        score = -F.logsigmoid(torch.clamp(score, max=10, min=-10))
        neg = torch.bmm(self.v(neg_v), emb_u.unsqueeze(2)).squeeze()
        neg = -torch.sum(F.logsigmoid(-torch.clamp(neg, max=10, min=-10)), dim=1)
        return torch.mean(score + neg)


sg = SkipGram(len(vocab), 8)
opt = optim.Adagrad(sg.parameters(), lr=0.1)
ids = torch.tensor([word_to_ix[w] for w in test_sentence])
freq = torch.bincount(ids, minlength=len(vocab)).float() ** 0.75
for step in range(20):
    neg = torch.multinomial(freq, 3 * (len(ids) - 1), replacement=True).view(-1, 3)
    loss = sg(ids[:-1], ids[1:], neg)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 5 == 0:
        print(step, f"{loss:.4f}")
sim = F.cosine_similarity(sg.u.weight[:1], sg.u.weight)
print(vocab[sim.topk(2).indices[1]])
