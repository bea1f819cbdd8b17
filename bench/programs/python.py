class Account:
    def __init__(self, rate):
        self.rate = rate
        self.history = []

    def grow(self, years, amount):
        for year in range(years):
            amount *= 1 + self.rate
            self.history.append((year, amount))
        return amount


best = max(Account(0.001 * i).grow(100, 1000.0) for i in range(300))
words = {}
for i in range(20000):
    key = f"k{i % 97}"
    words[key] = words.get(key, 0) + i
print(f"{best:.2f}", len(words), sum(words.values()))
