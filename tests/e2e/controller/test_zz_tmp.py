def test_zz(cluster, operator, place):
    from tests.e2e.controller.place import key

    place.apply(key())
    place.ready("Key", "orders")
    place.delete("Key", "orders")
    place.gone("Key", "orders")
    user = f"system:serviceaccount:{operator.namespace}:kmsctl"
    print("USED", sorted({(r.verb, r.resource, r.code) for r in cluster.requests(user)}))
