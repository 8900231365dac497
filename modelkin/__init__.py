"""What the packages of Modelkin share: errors, the warehouse, the raw contract, ids, progress, the command line."""
