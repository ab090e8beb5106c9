"""AWS managed keys: `alias/aws/<service>`, made when something first asks for one, and nobody's to administer.

That nobody may administer them takes no code: their key policy gives the account a look at them, and their use to
callers through their service alone. AWS owned keys are in no account, and so not here.
"""
