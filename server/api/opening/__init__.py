"""What a page's first picture needs of the API, without FastAPI and its models: these take long to make, and no page waits.

The calls for all else, which are made after it, use what stands here too.
"""
