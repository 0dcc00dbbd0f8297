class OutsideReferenceError(Exception):
    pass
def reference_vectors(plan, dataset, tables):
    raise OutsideReferenceError
