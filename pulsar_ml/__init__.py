"""The science of pulsarsite: candidates in, features, scores and figures out.

Nothing heavy is imported here: import the module you need.
"""
