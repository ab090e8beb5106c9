"""Policy variables: in which version, where, and what they stand for."""

from tests.policy.evaluate.world import IAM

PAGE = f"{IAM}reference_policies_variables.html"
DEFAULTS, SPECIAL, NO_VALUE = (
    f"{PAGE}#policy-vars-default-values",
    f"{PAGE}#policy-vars-specialchars",
    f"{PAGE}#policy-vars-no-value",
)
VERSION = f"{IAM}reference_policies_elements_version.html"
SETS = f"{IAM}reference_policies_condition-single-vs-multi-valued-context-keys.html"
NEW, OLD = "2012-10-17", "2008-10-17"
ANN = {"aws:username": ("ann",)}
STAR = {"aws:username": ("a*",)}

CASES = [
    # page, version, operator, value in the policy, value in the request, other facts, whether it holds
    (PAGE, NEW, "StringEquals", "${aws:username}", "ann", ANN, True),
    (PAGE, NEW, "StringEquals", "${AWS:UserName}", "ann", ANN, True),
    (PAGE, NEW, "StringEquals", "home/${aws:username}/x", "home/ann/x", ANN, True),
    (PAGE, NEW, "StringEquals", "${aws:username}", "bob", ANN, False),
    (PAGE, NEW, "StringEquals", "${aws:username}-${aws:username}", "ann-ann", ANN, True),
    (PAGE, NEW, "StringEquals", "$aws:username", "$aws:username", ANN, True),
    (PAGE, NEW, "StringEqualsIgnoreCase", "X-${aws:username}", "x-ANN", ANN, True),
    (PAGE, NEW, "StringNotEqualsIgnoreCase", "${aws:username}", "ANN", ANN, False),
    (PAGE, NEW, "StringEqualsIgnoreCase", "${aws:username}", "ann", {}, False),
    (PAGE, NEW, "StringLike", "${aws:username}/*", "ann/x/y", ANN, True),
    (PAGE, NEW, "StringLike", "${aws:username}/?", "ann/xy", ANN, False),
    (PAGE, NEW, "StringLike", "${aws:username}", "ann", ANN, True),
    (PAGE, NEW, "StringLike", "*${aws:username}*", "joanna", ANN, True),
    (PAGE, NEW, "StringLike", "${aws:username}", "abc", STAR, False),
    (PAGE, NEW, "StringLike", "${aws:username}*", "a*bc", STAR, True),
    (PAGE, NEW, "StringLike", "${aws:username}*", "abc", STAR, False),
    (PAGE, NEW, "StringNotLike", "${aws:username}*", "bob", ANN, True),
    (PAGE, NEW, "ArnLike", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::111122223333:user/ann", ANN, True),
    (PAGE, NEW, "ArnLike", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::111122223333:user/bob", ANN, False),
    (PAGE, NEW, "ArnEquals", "arn:aws:iam::${aws:PrincipalAccount}:user/*", "arn:aws:iam::111122223333:user/ann",
     {"aws:principalaccount": ("111122223333",)}, True),
    (PAGE, NEW, "ArnLike", "arn:aws:s3:::${aws:username}:x:y", "arn:aws:s3:::ann:x:y", ANN, True),
    (VERSION, OLD, "StringEquals", "${aws:username}", "ann", ANN, False),
    (VERSION, OLD, "StringEquals", "${aws:username}", "${aws:username}", ANN, True),
    (VERSION, OLD, "StringLike", "${*}", "${x}", ANN, True),
    (VERSION, OLD, "StringEquals", "${", "${", ANN, True),
    (SPECIAL, NEW, "StringLike", "a${*}", "a*", {}, True),
    (SPECIAL, NEW, "StringLike", "a${*}", "ab", {}, False),
    (SPECIAL, NEW, "StringLike", "a${?}*", "a?b", {}, True),
    (SPECIAL, NEW, "StringLike", "a${?}*", "abb", {}, False),
    (SPECIAL, NEW, "StringEquals", "${$}{aws:username}", "${aws:username}", ANN, True),
    (DEFAULTS, NEW, "StringEquals", "${aws:username, 'nobody'}", "nobody", {}, True),
    (DEFAULTS, NEW, "StringEquals", "${aws:username, 'nobody'}", "ann", ANN, True),
    (DEFAULTS, NEW, "StringEquals", "${aws:username, 'nobody'}", "nobody", ANN, False),
    (DEFAULTS, NEW, "StringLike", "${aws:username, 'no*'}", "nobody", {}, False),
    (DEFAULTS, NEW, "StringEquals", "${aws:username,''}", "", {}, True),
    (DEFAULTS, NEW, "StringEqualsIgnoreCase", "${aws:username, 'NoBody'}", "nobody", {}, True),
    (NO_VALUE, NEW, "StringEquals", "${aws:username}", "ann", {}, False),
    (NO_VALUE, NEW, "StringEquals", "${aws:username}", "${aws:username}", {}, False),
    (NO_VALUE, NEW, "StringLike", "*${aws:username}*", "x", {}, False),
    (NO_VALUE, NEW, "StringNotEquals", "${aws:username}", "ann", {}, True),
    (NO_VALUE, NEW, "StringNotLike", "${aws:username}", "ann", {}, True),
    (SETS, NEW, "StringEquals", "${aws:tagkeys}", "a", {"aws:tagkeys": ("a", "b")}, False),
]  # fmt: skip
