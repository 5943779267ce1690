"""The dashboard's server: it hands out the page, starts runs, and carries what they say to whoever watches."""

import os

# One BLAS thread per run, before NumPy loads: runs train in threads of their own, and small matrices fight over cores.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")
