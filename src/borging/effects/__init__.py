"""Effecten zichtbaar maken: did it move the goal, how sure are we, and what do we decide?"""
