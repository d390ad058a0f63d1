"""Sample patients and doctors who keep the demo's General OPD alive: robots in a thread of the embedded process.

They act by the rooms' own services, as people do, so that every rule, notice and live message is the real one. A
visitor is never given to a robot. `rules` says what a robot does next, `people` who they are, `scene` what they see,
`acts` how they do it, `running` begins and ends it.
"""
