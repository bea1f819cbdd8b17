import numpy as np

a = np.array([[4.0, 1.0], [2.0, 3.0]])
b = np.array([1.0, 2.0])
print(np.round(np.linalg.inv(a), 10), np.linalg.solve(a, b), np.linalg.norm(b), np.linalg.norm(a), np.round(np.linalg.det(a), 10))
print(np.allclose(a @ np.linalg.inv(a), np.eye(2)), np.linalg.norm(a, axis=1), np.linalg.norm(b, 1), np.linalg.norm(b, np.inf))
print(np.linalg.inv(np.array([[2, 0], [0, 4]])), np.linalg.norm([3, 4]), [np.linalg.norm([3, 4])])
values, vectors = np.linalg.eigh(np.array([[2.0, 0.0], [0.0, 3.0]]))
print(values, np.abs(vectors), np.linalg.matrix_rank(a), np.linalg.cholesky(np.array([[4.0, 0.0], [0.0, 9.0]])))
u, s, vh = np.linalg.svd(a)
print(np.allclose(u @ np.diag(s) @ vh, a), s.shape)
x, rest, rank, s = np.linalg.lstsq(np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), np.array([1.0, 3.0, 5.0]), rcond=None)
print(np.round(x, 8), rank, np.round(np.linalg.pinv(a), 8))
for wrong in (lambda: np.linalg.inv(np.zeros((2, 2))), lambda: np.linalg.solve(np.ones((2, 2)), b), lambda: np.linalg.inv(np.ones((2, 3)))):
    try:
        wrong()
    except np.linalg.LinAlgError as error:
        print(error)
