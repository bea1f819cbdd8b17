"""The running example with Python's standard library. Usage: python3 example.py [http://127.0.0.1:8080]"""
import json
import sys
import urllib.request

base = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
body = {"expression": "(x + w) * (w + 1)", "leaves": {"w": 1, "x": 2}}
request = urllib.request.Request(
    base + "/v1/evaluate", json.dumps(body).encode(), {"Content-Type": "application/json"}
)
with urllib.request.urlopen(request) as response:
    answer = json.load(response)
print("y =", answer["value"])
print("dy/dw =", answer["gradients"]["w"])
print("dy/dx =", answer["gradients"]["x"])
