"""The routes of the API, one file per kind of verb; every one is a service verb and its answer."""
