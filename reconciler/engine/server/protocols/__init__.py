"""AWS's protocols, one file each: from a request's bytes to parameters, and from a result or an error to bytes."""
