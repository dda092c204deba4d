"""What can be measured on a part: solids, faces, holes, set-up directions; never its price.

`facts` and `sniff` are light; everything that loads a CAD kernel or a mesh library is reached
only through `worker.analyse`, inside a worker process.
"""
